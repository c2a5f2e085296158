import { ImportError } from '../../import-error.ts'
import { maxRowChars } from '../limits.ts'

/** What a walk yields at the end of the window; it goes on when there is more text, or none any more. */
export const wanting = Symbol('wanting')
export type Wanting = typeof wanting

const maxDepth = 500

/** The part of a JSON document at hand. */
export class JsonWindow {
  text = ''
  /** Place of the next character in it. */
  at = 0
  /** No more text will come. */
  whole = false
  readonly #name: string
  #linesBefore = 0
  constructor(name: string) {
    this.#name = name
  }
  /** Puts the next part of the document behind what has not been walked over yet. */
  add(part: string): void {
    this.#linesBefore += lineFeedsIn(this.text.slice(0, this.at))
    this.text = this.text.slice(this.at) + part
    this.at = 0
  }
  error(code: 'NOT_JSON' | 'NOT_A_TABLE' | 'ROW_TOO_LARGE', what: string): ImportError {
    const line = this.#linesBefore + lineFeedsIn(this.text.slice(0, this.at)) + 1
    return new ImportError(code, `${this.#name}, line ${line}: ${what}`)
  }
  /** What stands here is not what must stand here. */
  unexpected(wanted: string): ImportError {
    const found = this.text[this.at]
    return found === undefined
      ? this.error('NOT_JSON', `the file ends before ${wanted}; export or copy it again`)
      : this.error('NOT_JSON', `${JSON.stringify(found)} stands where ${wanted} is due`)
  }
}

const lineFeedsIn = (text: string): number => text.split('\n').length - 1

/** The next character that is not blank, still to be walked over; undefined at the end of the document. */
export function* peek(window: JsonWindow): Generator<Wanting, string | undefined> {
  for (;;) {
    for (; window.at < window.text.length; window.at += 1) {
      const character = window.text[window.at]
      if (character === undefined || !' \n\r\t'.includes(character)) return character
    }
    if (window.whole) return undefined
    yield wanting
  }
}

/** Walks over the character that must come next. */
export function* expect(window: JsonWindow, due: string): Generator<Wanting, void> {
  if ((yield* peek(window)) !== due) throw window.unexpected(JSON.stringify(due))
  window.at += 1
}

/** Walks over one value. Brackets and strings must close; the rest of its grammar is left to `JSON.parse`. */
export function* skip(window: JsonWindow): Generator<Wanting, void> {
  yield* walk(window, () => {})
}

/** Walks over one value and returns its text. */
export function* take(window: JsonWindow): Generator<Wanting, string> {
  let taken = ''
  yield* walk(window, (part) => {
    taken += part
    if (taken.length > maxRowChars)
      throw window.error('ROW_TOO_LARGE', `a row has more than ${maxRowChars} characters`)
  })
  return taken
}

interface Place {
  /** Brackets that are due, outermost first. */
  readonly closers: string[]
  inString: boolean
  escaped: boolean
}

function* walk(window: JsonWindow, pass: (part: string) => void): Generator<Wanting, void> {
  const first = yield* peek(window)
  if (first === undefined || ',:]}'.includes(first)) throw window.unexpected('a value')
  const place: Place = { closers: [], inString: false, escaped: false }
  const bare = !'"[{'.includes(first)
  for (;;) {
    const from = window.at
    const ended = bare ? endOfBare(window) : endOfClosed(window, place)
    pass(window.text.slice(from, window.at))
    if (ended) return
    if (window.whole) throw window.unexpected('the end of a value')
    yield wanting
  }
}

/** Goes to the end of a number or word; false if the window ends first. */
function endOfBare(window: JsonWindow): boolean {
  for (; window.at < window.text.length; window.at += 1)
    if (',:]} \n\r\t'.includes(window.text[window.at] ?? '')) return true
  return false
}

/** Goes behind the end of a string, list or object; false if the window ends first. */
function endOfClosed(window: JsonWindow, place: Place): boolean {
  const { closers } = place
  for (; window.at < window.text.length; window.at += 1) {
    const character = window.text[window.at]
    if (place.escaped) place.escaped = false
    else if (place.inString && character === '\\') place.escaped = true
    else if (character === '"') place.inString = !place.inString
    else if (place.inString) continue
    else if (character === '{') closers.push('}')
    else if (character === '[') closers.push(']')
    else if (character === '}' || character === ']') {
      if (closers.pop() !== character) throw window.unexpected('another bracket')
    } else continue
    if (closers.length > maxDepth)
      throw window.error('NOT_JSON', `lists and objects are nested deeper than ${maxDepth}`)
    if (closers.length === 0 && !place.inString) {
      window.at += 1
      return true
    }
  }
  return false
}
