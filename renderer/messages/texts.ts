/** A catalogue in another language: the same ids, each with its own words. A missing or surplus id does not compile. */
export type Texts<T> = { readonly [K in keyof T]: string };
