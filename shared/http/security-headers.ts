/** What keeps a browser from taking an answer for anything else than it is. */
export const safe = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000',
};

/** For what is data: a browser that shows it loads nothing, runs nothing, and frames it nowhere. */
export const safeData = {
  ...safe,
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
};
