import { partners } from '../decide/big-policy.ts'
import { createFederation } from '../federation.ts'
import { type Measured, row } from '../report.ts'
import type { Size } from '../size.ts'
import { audiences, makeOpenRecords, openFanned, releaseAll, write } from './fanned-policy.ts'
import { serveAll } from './serve.ts'

/** What a sender spends, from the edit to the frames, on thirty partners in four audiences, beside four partners in the same four. */
export async function measureFanout(size: Size, talk: (words: string) => void): Promise<Measured> {
  const four = await cpuFor(size, partners.slice(0, audiences.length), talk)
  const thirty = await cpuFor(size, partners, talk)
  return {
    figures: {
      'fanout records': size.fanned,
      'fanout CPU ms, 4 partners': four.cpuMs,
      'fanout CPU ms, 30 partners': thirty.cpuMs,
      'fanout bodies, 30 partners': thirty.bodies,
    },
    rows: [row('fanout-30', thirty.cpuMs / four.cpuMs)],
  }
}

async function cpuFor(
  size: Size,
  asking: readonly string[],
  talk: (words: string) => void,
): Promise<{ readonly cpuMs: number; readonly bodies: number }> {
  talk(`fanout: ${size.fanned} records for ${asking.length} partners`)
  using federation = await createFederation(['USA', ...partners])
  await using node = await openFanned(federation, partners, asking)
  const before = process.cpuUsage()
  await write(node, makeOpenRecords(size.fanned, size.seed), 0)
  await releaseAll(node)
  let bodies = 0
  for (const recipient of asking) bodies += (await serveAll(node, recipient)).bodies
  const { user, system } = process.cpuUsage(before)
  if (bodies !== size.fanned * asking.length) throw new Error(`${bodies} bodies were served`)
  return { cpuMs: (user + system) / 1_000, bodies }
}
