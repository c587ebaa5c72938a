import { noChange } from 'lit'
import { Directive, directive, PartType, type DirectiveResult, type ElementPart, type PartInfo } from 'lit/directive.js'

/** CSS properties and their values; null takes a property away. */
export type CssProperties = Readonly<Record<string, string | null>>

/**
 * Sets properties through the CSSOM.
 *
 * Lit's own `styleMap` writes a `style` attribute on the first render, which a strict `style-src` forbids.
 */
class CssPropertiesDirective extends Directive {
  #set: CssProperties = {}

  constructor(part: PartInfo) {
    super(part)
    if (part.type !== PartType.ELEMENT)
      throw new Error('cssProperties() belongs on the element itself: <i ${cssProperties({})}>')
  }

  override render(_properties: CssProperties): typeof noChange {
    return noChange
  }

  override update(part: ElementPart, [properties]: [CssProperties]): typeof noChange {
    const { style } = part.element as HTMLElement | SVGElement
    for (const name of Object.keys(this.#set)) if (!(name in properties)) style.removeProperty(name)
    for (const [name, value] of Object.entries(properties))
      if (this.#set[name] !== value) style.setProperty(name, value)
    this.#set = properties
    return noChange
  }
}

const create = directive(CssPropertiesDirective)

/** Sets CSS properties of the element that it stands in: `<i ${cssProperties({ width: '40%' })}></i>`. */
export function cssProperties(properties: CssProperties): DirectiveResult {
  return create(properties)
}
