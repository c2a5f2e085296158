/**
 * Gathers one string from its runs, without their formats and without the readings (furigana) that may stand beside
 * them.
 * @see ECMA-376 part 1, sections 18.4.4 to 18.4.12, 22.9.2.19
 */
export class RichText {
  #text = ''
  #inText = false
  #inReading = false
  open(element: string): void {
    if (element === 'rPh') this.#inReading = true
    if (element === 't') this.#inText = !this.#inReading
  }
  add(text: string): void {
    if (this.#inText) this.#text += text
  }
  close(element: string): void {
    if (element === 'rPh') this.#inReading = false
    if (element === 't') this.#inText = false
  }
  /** The string so far; the next one begins. */
  end(): string {
    const text = decodeEscapes(this.#text)
    this.#text = ''
    return text
  }
}

/** Characters that XML cannot hold are written `_x000D_`. */
export const decodeEscapes = (text: string): string =>
  text.includes('_x')
    ? text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) =>
        String.fromCharCode(Number.parseInt(code, 16)),
      )
    : text
