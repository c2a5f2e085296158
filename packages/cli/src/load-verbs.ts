import type { Verb } from './verb.ts'
import { verbs } from './verbs/index.ts'

/** Options of every verb, which take a value and may stand before it. */
const before = ['--folder', '--passphrase-fd']
/** What shows several verbs. */
const help = new Set(['help', '--help', '-h'])
/** What needs none. */
const VERSION = '--version'

/** The words that are certainly no values of options: those up to the first option behind a word. */
function leadingWords([first = '', ...rest]: readonly string[]): readonly string[] {
  if (before.includes(first)) return leadingWords(rest.slice(1))
  if (before.some((option) => first.startsWith(`${option}=`))) return leadingWords(rest)
  const all = [first, ...rest]
  const end = all.findIndex((arg) => arg === '' || arg.startsWith('-'))
  return end === -1 ? all : all.slice(0, end)
}

/**
 * The verbs that a command line can mean: the one that its first words name, with those that lie below it. All, where they name none, and where help is
 * asked for.
 * @param args as typed, without `entente`
 */
export async function loadVerbs(args: readonly string[] = []): Promise<readonly Verb[]> {
  if (args[0] === VERSION) return []
  const words = leadingWords(args)
  const isNamed = (name: string) => name.split(' ').every((word, i) => word === words[i])
  const longest = Object.keys(verbs)
    .filter(isNamed)
    .reduce((one, other) => (other.length > one.length ? other : one), '')
  const isMeant = (name: string) => name === longest || name.startsWith(`${longest} `)
  const isUnclear = longest === '' || args.some((arg) => help.has(arg))
  return Promise.all(
    Object.entries(verbs).flatMap(([name, load]) => (isUnclear || isMeant(name) ? [load()] : [])),
  )
}
