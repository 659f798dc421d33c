// Expands $(NAME) in commands, arguments and values as Kubernetes does: unknown names stay as written, $$ is one $. Pure.

export function expand(text: string, lookUp: (name: string) => string | undefined): string {
  let result = '';
  for (let at = 0; at < text.length; at++) {
    const sign = text[at];
    const next = text[at + 1];
    if (sign !== '$' || next === undefined) {
      result += sign;
    } else if (next === '$') {
      result += '$';
      at++;
    } else if (next === '(') {
      const end = text.indexOf(')', at + 2);
      if (end < 0) return result + text.slice(at);
      const written = text.slice(at, end + 1);
      result += lookUp(text.slice(at + 2, end)) ?? written;
      at = end;
    } else {
      result += sign;
    }
  }
  return result;
}
