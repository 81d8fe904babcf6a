/** URLs of mirrors: paths put below a base, credentials taken out. */

/**
 * The URL of a path below a base. Every segment is percent-encoded whole, `+` and `~` too where servers read them otherwise.
 *
 * @param path relative, not encoded; the caller has refused `..` (a plain Error says when it did not)
 */
export function urlBelow(base: string, path: string): URL {
  const segments = path.split("/");
  if (segments.some((segment) => segment === "" || segment === "." || segment === "..")) {
    throw new Error(`Cannot ask for path "${path}": it must be plain and relative`);
  }
  return new URL(`${base.replace(/\/+$/, "")}/${segments.map(encodeURIComponent).join("/")}`);
}

/** For messages, state and everything that is written: user and password are gone. */
export function withoutCredentials(url: URL): string {
  const bare = new URL(url);
  bare.username = "";
  bare.password = "";
  return bare.href;
}

/** Value of an Authorization header; undefined when the URL names no user. */
export function basicAuthorization({ username, password }: URL): string | undefined {
  if (username === "" && password === "") return undefined;
  return `Basic ${Buffer.from(`${decoded(username)}:${decoded(password)}`).toString("base64")}`;
}

/** Text of a URL that may hold a lone `%`. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
