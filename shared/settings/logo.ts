/** The name of a file that may be the organization's logo. */
export const logoName = /^[\w-][\w.-]*\.(png|jpe?g|webp|svg)$/i;

/** How many bytes a logo may have: it comes before the words of the page do. */
export const logoAtMost = 50_000;
