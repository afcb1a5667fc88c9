/**
 * Words that change in place. They come as a new element, as the browser's own translation puts its text into the place
 * of ours and would go on to show the old one.
 */
export function Words({ children }: { children: string }) {
  return <span key={children}>{children}</span>;
}
