/*
 * Marks found text in the rows that are visible. The CSS Custom Highlight API paints ranges without touching the elements; where
 * it is missing, finding still jumps to the rows.
 */

const NAME = 'perfect-find'

function registry(): Highlight | null {
  if (typeof Highlight === 'undefined') return null
  const known = CSS.highlights.get(NAME)
  if (known !== undefined) return known
  const made = new Highlight()
  CSS.highlights.set(NAME, made)
  return made
}

/** The marks of one view. Views on the same page share the highlight, because its name is global. */
export class LogHighlight {
  #ranges: Range[] = []

  /** Marks every place of `needle`, given in lower case, in the text nodes. */
  update(nodes: Iterable<Text>, needle: string): void {
    this.clear()
    const highlight = registry()
    if (highlight === null || needle === '') return
    for (const node of nodes) {
      const text = node.data.toLowerCase()
      for (let at = text.indexOf(needle); at !== -1; at = text.indexOf(needle, at + needle.length)) {
        const range = document.createRange()
        range.setStart(node, at)
        range.setEnd(node, at + needle.length)
        highlight.add(range)
        this.#ranges.push(range)
      }
    }
  }

  clear(): void {
    const highlight = registry()
    for (const range of this.#ranges) highlight?.delete(range)
    this.#ranges = []
  }
}
