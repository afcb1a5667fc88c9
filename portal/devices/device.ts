/** What an app password is made for; it decides the steps that are shown, and is kept nowhere. */
export const devices = ['iphone', 'android', 'outlook', 'thunderbird', 'mac', 'printer', 'other'] as const;

export type Device = (typeof devices)[number];
