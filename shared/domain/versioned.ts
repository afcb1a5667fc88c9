/** Something that was read, with the version under which it may be changed (an ETag, RFC 9110 section 8.8.3). */
export type Versioned<T> = T & { readonly version: string };
