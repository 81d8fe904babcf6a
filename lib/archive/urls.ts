/** Without user and password: credentials belong into no message, no record and no published file. */
export const redacted = (url: string): string => url.replace(/^([a-z]+:\/\/)[^/@]*@/i, "$1");
