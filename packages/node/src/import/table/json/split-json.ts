import { expect, JsonWindow, peek, skip, take, type Wanting, wanting } from './json-window.ts'

/**
 * Cuts a JSON document into the texts of the elements of its list, and keeps no more than one of them: the document
 * is the list, or `path` names the members that lead to it. What stands around the elements is read strictly; each
 * element is left to `JSON.parse`. (The libraries that stream JSON are not made for hostile input.)
 * @throws {ImportError} `NOT_JSON`; `NOT_A_TABLE` when there is no such list; `ROW_TOO_LARGE`
 * @see RFC 8259, section 2
 */
export async function* splitJson(
  parts: AsyncIterable<string>,
  path: readonly string[],
  name: string,
): AsyncGenerator<string> {
  const window = new JsonWindow(name)
  const elements = walkDocument(window, path)
  for await (const part of parts) {
    window.add(part)
    for (let next = elements.next(); !next.done && next.value !== wanting; next = elements.next())
      yield next.value
  }
  window.whole = true
  for (const element of elements) if (element !== wanting) yield element
}

type Walk = Generator<Wanting | string, void>

function* walkDocument(window: JsonWindow, path: readonly string[]): Walk {
  yield* walkTo(window, path)
  if ((yield* peek(window)) !== undefined) throw window.unexpected('the end of the file')
}

function* walkTo(window: JsonWindow, [name, ...rest]: readonly string[]): Walk {
  if (name === undefined) return yield* walkList(window)
  const start = yield* peek(window)
  if (start !== undefined && start !== '{') throw noSuchList(window, name)
  let found = false
  yield* walkMembers(window, function* (member) {
    if (member !== name) return yield* skip(window)
    if (found) throw window.error('NOT_JSON', `the member ${JSON.stringify(name)} occurs twice`)
    found = true
    yield* walkTo(window, rest)
  })
  if (!found) throw noSuchList(window, name)
}

function* walkList(window: JsonWindow): Walk {
  const start = yield* peek(window)
  if (start !== undefined && start !== '[') throw yield* notAList(window, start)
  yield* expect(window, '[')
  if ((yield* peek(window)) === ']') return yield* expect(window, ']')
  for (;;) {
    yield yield* take(window)
    if (!(yield* another(window, ']'))) return
  }
}

/** Walks over an object; `visit` walks over each value. */
function* walkMembers(window: JsonWindow, visit: (name: string) => Walk): Walk {
  yield* expect(window, '{')
  if ((yield* peek(window)) === '}') return yield* expect(window, '}')
  for (;;) {
    if ((yield* peek(window)) !== '"') throw window.unexpected('the name of a member')
    const name = textOf(yield* take(window), window)
    yield* expect(window, ':')
    yield* visit(name)
    if (!(yield* another(window, '}'))) return
  }
}

/** Walks over the comma, after which another must come, or the end. */
function* another(window: JsonWindow, end: ']' | '}'): Generator<Wanting, boolean> {
  const found = yield* peek(window)
  if (found !== ',' && found !== end) throw window.unexpected(`a comma or ${JSON.stringify(end)}`)
  window.at += 1
  return found === ','
}

function textOf(string: string, window: JsonWindow): string {
  try {
    return String(JSON.parse(string))
  } catch {
    throw window.error('NOT_JSON', `${string.slice(0, 60)} is not the name of a member`)
  }
}

const noSuchList = (window: JsonWindow, name: string) =>
  window.error(
    'NOT_A_TABLE',
    `there is no member ${JSON.stringify(name)}; name the list of rows with \`rows\`, such as data.items`,
  )

function* notAList(window: JsonWindow, start: string): Generator<Wanting | string, Error> {
  const lists: string[] = []
  if (start === '{') {
    yield* walkMembers(window, function* (name) {
      if ((yield* peek(window)) === '[') lists.push(JSON.stringify(name))
      yield* skip(window)
    })
    if ((yield* peek(window)) === '{')
      return window.error('NOT_A_TABLE', 'one object follows another; give the `format` jsonl')
  }
  const hint = lists.length > 0 ? `here ${lists.slice(0, 10).join(' or ')}` : 'such as data.items'
  return window.error(
    'NOT_A_TABLE',
    `the rows must be a list of objects; name the member that is the list with \`rows\`, ${hint}`,
  )
}
