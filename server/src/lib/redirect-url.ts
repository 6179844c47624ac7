/** An address a browser may be sent to: http and https only, no credentials, nothing it could read as another scheme. */
export function isRedirectUrl(text: string): boolean {
  // The text itself must begin with the scheme: URL parsers forgive spaces, tabs and backslashes that browsers act on.
  if (!/^https?:\/\/[^/\\?#@\s]/i.test(text) || /[\s\\\p{Cc}]/u.test(text) || !URL.canParse(text))
    return false;
  const { username, password } = new URL(text);
  return username === '' && password === '';
}
