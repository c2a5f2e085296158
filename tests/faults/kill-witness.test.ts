import { loadOwn } from '@entente/node'
import { witnessProtocol } from '@entente/node/testing'
import { utf8 } from '@entente/schema'
import {
  formatAddCheckpoint,
  parseNote,
  parseSignatureLines,
  verifyCosignatures,
} from '@entente/tlog'
import { expect, test } from 'vitest'
import { createFederation, eventually } from '../support/federation.ts'
import { createHostileSender } from '../support/hostile-sender.ts'
import { createRawPartner } from '../support/raw-partner.ts'
import { readRows } from '../support/scenario.ts'
import { spawnNode } from '../support/spawn-node.ts'

test('case 18: a witness killed between its state and its answer gives a fresh cosignature to the same request', async () => {
  await using federation = createFederation(['GBR', 'USA'])
  const usa = createHostileSender(federation, 'USA', 'GBR', Date.now())
  const { key } = loadOwn(federation.folder('GBR')).cosigner
  const witnessed = () =>
    (readRows(federation.folder('GBR'), "SELECT size FROM witnessed WHERE origin LIKE 'usa%'")[0]?.[
      'size'
    ] as number | undefined) ?? 0
  await using raw = await createRawPartner(federation, 'USA', 'GBR')
  // GBR asks whether its log is whole.
  await raw.transport.handle(witnessProtocol, async (channel) => {
    for await (const _ of channel.frames) {
      await channel.send(utf8('404\nno checkpoint\n'))
      return
    }
  })
  let answered = 0
  for (const waitMs of [0, 4]) {
    let gbr = await spawnNode(federation.folder('GBR'))
    const serving = async () => (await gbr.call('status')).state === 'serving'
    await eventually('GBR serves', serving)
    const oldSize = usa.size() === 1 ? 0 : usa.size()
    if (oldSize > 0) usa.log('pad', { origin: usa.origin, at: Date.now() })
    const checkpoint = usa.signedCheckpoint()
    const requestFrom = (size: number) => {
      const proof = size === 0 || size === usa.size() ? [] : usa.consistency(size)
      return `POST /add-checkpoint\n\n${formatAddCheckpoint({ oldSize: size, proof, checkpoint })}`
    }
    const lost = raw.witness(requestFrom(oldSize)).then(
      () => answered++,
      () => {},
    )
    // Killed as soon as its state is on disk, or a little later.
    await eventually('GBR has stored it', () => witnessed() === usa.size())
    await new Promise((resolve) => setTimeout(resolve, waitMs))
    gbr.kill()
    await gbr.died
    await lost

    gbr = await spawnNode(federation.folder('GBR'))
    await eventually('GBR serves', serving)
    const answer = await raw.witness(requestFrom(usa.size()))
    expect(answer.slice(0, 4)).toBe('200\n')
    const note = { ...parseNote(checkpoint), signatures: parseSignatureLines(answer.slice(4)) }
    expect(verifyCosignatures(note, [key])).toHaveLength(1)
    expect(witnessed()).toBe(usa.size())
    expect(readRows(federation.folder('GBR'), 'SELECT * FROM fork_evidence')).toEqual([])
    await gbr[Symbol.asyncDispose]()
  }
  process.stdout.write(`case 18: the first answer came through ${answered} of 2 times\n`)
}, 360_000)
