import { readFileSync } from 'node:fs'

export interface Fence {
  readonly language: string
  readonly text: string
}

/** Fenced blocks of a Markdown file, in order. */
export function fencesOf(path: string): readonly Fence[] {
  return [...readFileSync(path, 'utf8').matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(
    ([, language = '', text = '']) => ({ language, text }),
  )
}

/** Files that a Markdown file names: repository paths in code spans, and targets of relative links from its folder. */
export function pathsOf(path: string): readonly string[] {
  const text = readFileSync(path, 'utf8').replaceAll(/^```.*?^```$/gms, '')
  const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/') + 1) : ''
  const spans = [
    ...text.matchAll(/`((?:packages|tests|bench|docs|examples|tools|\.ci)\/[^`\s]*)`/g),
  ]
  const links = [...text.matchAll(/\]\((?!https?:)([^)#\s]+)/g)]
  return [
    ...spans.map(([, span = '']) => span),
    ...links.map(([, target = '']) => new URL(target, `file:///${folder}`).pathname.slice(1)),
  ]
}

/**
 * Lines of a shown output that the real output does not have, in order. `…` stands for anything, and runs of white
 * space are equal.
 */
export function missingLines(shown: string, real: string): readonly string[] {
  const lines = real.split('\n').map((line) => line.trim())
  let from = 0
  return shown
    .split('\n')
    .filter((line) => line.trim() !== '')
    .filter((line) => {
      const parts = line.trim().split('…').map(looseOf)
      const pattern = new RegExp(`^${parts.join('.*')}$`)
      const at = lines.findIndex((each, i) => i >= from && pattern.test(each))
      if (at >= 0) from = at + 1
      return at < 0
    })
}

const looseOf = (text: string): string =>
  text
    .trim()
    .split(/\s+/)
    .map((word) => word.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('\\s+')
