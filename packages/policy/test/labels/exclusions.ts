import { readFileSync } from 'node:fs'

const page = readFileSync(new URL('exclusions.md', import.meta.url), 'utf8')

/** Cases that `exclusions.md` lists under a heading, sorted: the first column of its tables, each with a reason. */
export function excludedFrom(source: string): readonly string[] {
  const section = page.split(/^## /m).find((part) => part.startsWith(`${source}\n`)) ?? ''
  return [...section.matchAll(/^\| `([^`]+)` +\| \S.*\|$/gm)].map(([, name = '']) => name).sort()
}
