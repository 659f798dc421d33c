// A document for xterm that keeps to the page's content policy, which allows neither inline style elements nor style
// attributes in markup: what the terminal writes into an element goes into a constructed style sheet, what it writes
// into an attribute goes through the CSS object model. Both are scripts' own doing, which the policy allows.

function setAttributeByPolicy(this: HTMLElement, name: string, value: string): void {
  if (name === 'style') this.style.cssText = value;
  else Element.prototype.setAttribute.call(this, name, value);
}

function adoptingStyle(real: Document, make: (tag: string) => HTMLElement): HTMLElement {
  const sheet = new CSSStyleSheet();
  real.adoptedStyleSheets = [...real.adoptedStyleSheets, sheet];
  const element = make('template');
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
        return (tag: string): HTMLElement => {
          if (tag.toLowerCase() === 'style') return adoptingStyle(target, (name) => target.createElement(name));
          const element = target.createElement(tag);
          element.setAttribute = setAttributeByPolicy;
          return element;
        };
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value as (...given: unknown[]) => unknown).bind(target) : value;
    },
  });
}

/** Runs what makes elements of the real document, such as a terminal's scroll bar, under the same rule. */
export function withAdoptedStyles(real: Document, run: () => void): void {
  const make = real.createElement.bind(real) as (tag: string) => HTMLElement;
  real.createElement = ((tag: string) =>
    tag.toLowerCase() === 'style' ? adoptingStyle(real, make) : make(tag)) as Document['createElement'];
  try {
    run();
  } finally {
    Reflect.deleteProperty(real, 'createElement');
  }
}
