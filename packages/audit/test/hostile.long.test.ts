import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type BundleFiles, verifyBundles } from '../src/index.ts'
import { platformVerify } from './keys.ts'
import { canonical } from './second-fragment.ts'
import { bundlesOf, tell } from './story.ts'

const told = tell()
const bundles = bundlesOf(told)
const trust = {
  roster: told.federation.roster,
  verify: platformVerify,
  atMs: told.federation.now + 60_000,
}

/** The first bundle with one file changed, and a manifest that says so. */
function withFile(path: string, bytes: Uint8Array): BundleFiles[] {
  const [first, ...rest] = bundles
  const files = new Map(first).set(path, bytes)
  const manifest = JSON.parse(String(files.get('manifest.json')))
  manifest.files[path] = createHash('sha256').update(bytes).digest('hex')
  return [files.set('manifest.json', Buffer.from(canonical(manifest))), ...rest]
}

const paths = [...(bundles[0]?.keys() ?? [])].filter((path) => path !== 'manifest.json')
const anyFile = fc.constantFrom(...paths)

// A partner may hold a checkpoint and a proof without quorum: a notice. Lines of witnesses are optional there.
const exact = paths.filter((path) => path !== 'received.jsonl')

test.each(exact)('any bit flipped in %s is found', (path) => {
  const bytes = bundles[0]?.get(path) ?? new Uint8Array()
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(7), (at, bit) => {
      const flipped = Uint8Array.from(bytes)
      flipped[at] = (flipped[at] ?? 0) ^ (1 << bit)
      expect(verifyBundles(withFile(path, flipped), trust).ok).toBe(false)
    }),
    { numRuns: 25 },
  )
})

test('whatever a file holds, the audit answers', () => {
  const content = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.json().map((text) => Buffer.from(`${text}\n`)),
    anyFile.map((path) => bundles[0]?.get(path) ?? new Uint8Array()),
    fc
      .tuple(anyFile, fc.nat(5_000))
      .map(([path, length]) => bundles[0]?.get(path)?.slice(0, length) ?? new Uint8Array()),
  )
  fc.assert(
    fc.property(fc.constantFrom(...paths, 'manifest.json'), content, (path, bytes) => {
      if (path !== 'manifest.json')
        expect(typeof verifyBundles(withFile(path, bytes), trust).ok).toBe('boolean')
      const [first, ...rest] = bundles
      const unlisted = new Map(first).set(path, bytes)
      expect(typeof verifyBundles([unlisted, ...rest], trust).ok).toBe('boolean')
    }),
    { numRuns: 100 },
  )
})

test('nesting without end is a line that cannot be read', () => {
  const deep = Buffer.from(`${'['.repeat(200_000)}\n`)
  for (const path of ['openings.jsonl', 'sources.jsonl', 'policies.jsonl']) {
    const { findings } = verifyBundles(withFile(path, deep), trust)
    expect(findings.map(({ code }) => code)).toContain('BUNDLE_FORM')
  }
})

test('a checkpoint that claims a huge log is answered at once', () => {
  const note = Buffer.from(bundles[0]?.get('log/checkpoint') ?? []).toString()
  const huge = Buffer.from(note.replace('\n9\n', '\n9007199254740991\n'))
  const { findings } = verifyBundles(withFile('log/checkpoint', huge), trust)
  expect(findings.map(({ code }) => code)).toEqual(['CHECKPOINT_SIGNATURE'])
})
