import type { Range } from "./ranges";

/** What a URL says before its host. */
export interface Credentials {
  readonly range: Range;
  /** The password; without one, all there is: a token takes the place of the user. */
  readonly password: string;
}

/** Users without a password that are no secret: version control asks for them. */
const HARMLESS_USER = /^(?:git|hg|svn|root|admin|user|ubuntu|ec2-user|core|oauth2|x-access-token|anonymous)$/i;

/** Schemes in which a token stands for the user; in others a user without a password is only a name. */
const TOKEN_SCHEME = /(?:https?|wss?|git\+https|redis|rediss|nats|amqps?)$/i;

/** Longest URL that is read, in characters. */
const LONGEST = 2000;

/**
 * Credentials in the URLs of a text: also without a user, without a password, and with a `/` or an `@` in the password,
 * which should be encoded and often are not.
 */
export function credentialsIn(text: string): readonly Credentials[] {
  const found: Credentials[] = [];
  for (let at = text.indexOf("://"), next; at >= 0; at = next) {
    const start = at + 3;
    next = text.indexOf("://", start);
    // One URL ends where the next begins: each character is read once.
    const rest = text.slice(start, Math.min(start + LONGEST, next < 0 ? text.length : next));
    const [whole = ""] = /^[^\s"'`<>\\]*/.exec(rest) ?? [];
    const url = whole.length === rest.length && next === start + rest.length ? whole.replace(/,?[a-z][a-z+.-]{0,20}$/i, "") : whole;
    const scheme = text.slice(Math.max(0, at - 12), at);
    const info = userInfoOf(url, !/https?$/i.test(scheme));
    if (info === undefined || info === "") continue;
    const [user = "", ...rests] = info.split(":");
    const password = rests.join(":");
    if (password === "" && (HARMLESS_USER.test(user) || !TOKEN_SCHEME.test(scheme))) continue;
    if (/^\$?\{[^{}]*\}$|^\$\w+$|^(?:\(sensitive\))$|^$/.test(password === "" ? user : password)) continue;
    found.push({ range: [start, start + info.length], password: password === "" ? user : password });
  }
  return found;
}

/** @param bare whether the path behind the host holds no `@`, as in URLs of databases */
function userInfoOf(url: string, bare: boolean): string | undefined {
  const path = url.search(/[/?#]/);
  const authority = path < 0 ? url : url.slice(0, path);
  const [first, last] = [authority.lastIndexOf("@"), url.lastIndexOf("@")];
  if (last < 0) return undefined;
  if (first >= 0) {
    // What follows is a host, or else the rest of a password that has an `@` and then a slash in it.
    const isHost = /[.:]|^localhost$/.test(authority.slice(first + 1));
    return url.slice(0, bare || !isHost ? last : first);
  }
  const [, port = ""] = /:([^:]*)$/.exec(authority) ?? [];
  // A colon that no port follows begins a password, which goes on behind the slash.
  const isPort = /^\d{0,5}$/.test(port);
  return authority.startsWith("[") || (isPort && !(bare && authority.includes(":"))) ? undefined : url.slice(0, last);
}
