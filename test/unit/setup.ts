/** Functions that register without the Functions host warn that they do, each of them; here that is how it should be. */

import { vi } from 'vitest';

const { warn } = console;

vi.spyOn(console, 'warn').mockImplementation((...words) => {
  if (!/^WARNING: .*"@azure\/functions" package (is in|to) test mode/.test(String(words[0]))) warn(...words);
});
