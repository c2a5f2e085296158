import { expect, test } from 'vitest'
import {
  createMemoryTree,
  leafHash,
  parseBase64,
  parseHex,
  VerificationError,
  verifyConsistency,
  verifyInclusion,
} from '../src/index.ts'
import { describeVectors, vectorFiles, vectorJson } from './vectors.ts'

interface InclusionVector {
  readonly leafIdx: number
  readonly treeSize: number
  readonly root: string
  readonly leafHash: string
  readonly proof: readonly string[] | null
  readonly desc: string
  readonly wantErr: boolean
}

interface ConsistencyVector {
  readonly size1: number
  readonly size2: number
  readonly root1: string
  readonly root2: string
  readonly proof: readonly string[] | null
  readonly desc: string
  readonly wantErr: boolean
}

/** Where we refuse what the source accepts. */
const stricter = new Map([
  [
    'merkle/consistency/additional/sizes-are-equal-one-and-proof-is-empty.json',
    'its roots have 12 bytes; ours have exactly 32',
  ],
])

const bytes = (base64: string) => parseBase64(base64)
const list = (proof: readonly string[] | null) => (proof ?? []).map(bytes)

describeVectors('transparency-dev/merkle', 197, (ran) => {
  test.each(vectorFiles('merkle/inclusion'))('%s', (path) => {
    const vector = vectorJson<InclusionVector>(path)
    const check = () =>
      verifyInclusion(bytes(vector.leafHash), vector.leafIdx, list(vector.proof), {
        size: vector.treeSize,
        root: bytes(vector.root),
      })
    if (vector.wantErr) expect(check).toThrow(VerificationError)
    else check()
    ran()
  })

  test.each(vectorFiles('merkle/consistency'))('%s', (path) => {
    const vector = vectorJson<ConsistencyVector>(path)
    const older = { size: vector.size1, root: bytes(vector.root1) }
    const newer = { size: vector.size2, root: bytes(vector.root2) }
    const check = () => verifyConsistency(older, newer, list(vector.proof))
    if (vector.wantErr || stricter.has(path)) expect(check).toThrow(VerificationError)
    else check()
    ran()
  })

  test('Certificate Transparency reference tree', () => {
    const reference = vectorJson<{
      leafInputsHex: string[]
      rootHashesHex: string[]
      nodeHashesHexFlat_level0_8_level1_4_level2_2_level3_1: string[]
    }>('merkle/rfc6962-reference-tree.json')
    const tree = createMemoryTree()
    expect(tree.root()).toEqual(parseHex(reference.rootHashesHex[0] ?? ''))
    for (const [i, input] of reference.leafInputsHex.entries()) {
      tree.append([leafHash(parseHex(input))])
      expect(tree.root()).toEqual(parseHex(reference.rootHashesHex[i + 1] ?? ''))
    }
    const nodes = [8, 4, 2, 1].flatMap((width, level) =>
      Array.from({ length: width }, (_, index) => tree.hashAt(level, index)),
    )
    expect(nodes).toEqual(
      reference.nodeHashesHexFlat_level0_8_level1_4_level2_2_level3_1.map((hex) => parseHex(hex)),
    )
    ran()
  })
})
