/**
 * Controls, format characters, spaces and separators (general categories Cc, Cf, Zs, Zl and Zp of Unicode), and what is
 * shown as nothing (Default_Ignorable_Code_Point), such as variation selectors.
 */
const invisible = /[\p{Cc}\p{Cf}\p{Z}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * Takes away what nobody sees. It comes along when text is copied or typed on a phone, and is never part of a canonical
 * username or an app password, so nothing is opened by that.
 *
 * @param text stays as it is where it holds a lone surrogate, as two could become one character
 */
export function withoutInvisible(text: string): string {
  return text.isWellFormed() ? text.replace(invisible, '') : text;
}
