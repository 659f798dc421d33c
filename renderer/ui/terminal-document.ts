// A document for xterm that keeps to the page's content policy: the policy allows no inline style elements, so what the
// terminal writes into one goes into a constructed style sheet instead.

function adoptingStyle(real: Document): HTMLElement {
  const sheet = new CSSStyleSheet();
  real.adoptedStyleSheets = [...real.adoptedStyleSheets, sheet];
  const element = real.createElement('template');
  Object.defineProperty(element, 'textContent', {
    set: (text: string) => sheet.replaceSync(text),
    get: () => '',
  });
  element.remove = () => {
    real.adoptedStyleSheets = real.adoptedStyleSheets.filter((one) => one !== sheet);
    Element.prototype.remove.call(element);
  };
  return element;
}

/** The document to give to a terminal. */
export function createTerminalDocument(real: Document): Document {
  return new Proxy(real, {
    get(target, name) {
      if (name === 'createElement') {
        return (tag: string): HTMLElement =>
          tag.toLowerCase() === 'style' ? adoptingStyle(target) : target.createElement(tag);
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value as (...given: unknown[]) => unknown).bind(target) : value;
    },
  });
}
