/** What stays in the browser from one visit to the next, or nothing where it keeps no data for this page. */
export const kept = over(() => localStorage);

/** What stays in this tab, through reloads and sign-ins. */
export const keptInTab = over(() => sessionStorage);

/** Whether the browser lets the page keep what a sign-in needs. */
export function canKeep(): boolean {
  try {
    sessionStorage.setItem('try', '');
    sessionStorage.removeItem('try');
    return true;
  } catch {
    return false;
  }
}

function over(storage: () => Storage) {
  return {
    get(key: string): string | null {
      try {
        return storage().getItem(key);
      } catch {
        return null;
      }
    },
    /** Keeps a value; undefined takes it away. */
    set(key: string, value: string | undefined): void {
      try {
        if (value === undefined) storage().removeItem(key);
        else storage().setItem(key, value);
      } catch {
        // Then the next visit begins anew.
      }
    },
  };
}
