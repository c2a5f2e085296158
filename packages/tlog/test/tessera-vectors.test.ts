import { expect, test } from 'vitest'
import {
  consistencyProof,
  createMemoryTree,
  formatEntryBundle,
  formatTilePath,
  inclusionProof,
  leafHash,
  openCheckpoint,
  parseEntryBundle,
  parseTilePath,
  parseVerifierKey,
  tileHashes,
  tilesOf,
  verifyConsistency,
  verifyInclusion,
} from '../src/index.ts'
import { describeVectors, vectorBytes, vectorFiles, vectorText } from './vectors.ts'

const vkey = 'example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx'

describeVectors('tessera log', 47, (ran) => {
  const log = { origin: 'example.com/log/testdata', key: parseVerifierKey(vkey) }
  const entries = parseEntryBundle(vectorBytes('tessera-log/tile/entries/000.p/15'), 15)
  const tree = createMemoryTree()
  tree.append(entries.map((entry) => leafHash(entry)))

  test.each(vectorFiles('tessera-log').filter((path) => path.includes('/checkpoint')))(
    '%s is signed and has the root of the entries',
    (path) => {
      const { checkpoint } = openCheckpoint(vectorText(path), log)
      const part = createMemoryTree()
      part.append(entries.slice(0, checkpoint.size).map((entry) => leafHash(entry)))
      expect(part.root()).toEqual(checkpoint.root)
      expect(path).toMatch(/\.[0-9]+$/.test(path) ? `checkpoint.${checkpoint.size}` : 'checkpoint')

      const whole = { size: 15, root: tree.root() }
      verifyConsistency(checkpoint, whole, consistencyProof(checkpoint.size, 15, tree.hashAt))
      for (let index = 0; index < checkpoint.size; index++) {
        const proof = inclusionProof(index, checkpoint.size, tree.hashAt)
        verifyInclusion(leafHash(entries[index] ?? new Uint8Array()), index, proof, checkpoint)
      }
      ran()
    },
  )

  test.each(vectorFiles('tessera-log').filter((path) => path.includes('/tile/')))(
    '%s is what we write',
    (path) => {
      const tile = parseTilePath(path.slice('tessera-log/'.length))
      expect(formatTilePath(tile)).toBe(path.slice('tessera-log/'.length))
      expect([...tilesOf(tile.width)]).toContainEqual(tile)
      const content =
        tile.level === 'entries'
          ? formatEntryBundle(entries.slice(0, tile.width))
          : tileHashes(tile, tree.hashAt)
      expect(content).toEqual(vectorBytes(path))
      ran()
    },
  )
})
