import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Below the range from which a system takes ports by itself, above those of demos. */
const FIRST = 12_000
const BLOCKS = 50
const EACH = 400

const folder = join(tmpdir(), 'entente-test-ports')

/**
 * The first of 400 ports that no other test process of this machine uses, of this run or of one beside it: a file says whose they are, as long as that
 * process lives.
 */
export function ownPorts(): number {
  mkdirSync(folder, { recursive: true })
  for (let i = 0; i < BLOCKS; i++) {
    const block = (process.pid + i) % BLOCKS
    const claim = join(folder, String(block))
    if (isClaimed(claim)) continue
    try {
      writeFileSync(claim, String(process.pid), { flag: 'wx' })
      // Somebody who found the same file left over may have taken this one for it.
      if (readFileSync(claim, 'utf8') !== String(process.pid)) continue
    } catch {
      continue
    }
    process.on('exit', () => rmSync(claim, { force: true }))
    return FIRST + block * EACH
  }
  throw new Error(`other test processes have all ports: is any left over? ${folder} names them`)
}

function isClaimed(claim: string): boolean {
  try {
    process.kill(Number(readFileSync(claim, 'utf8')), 0)
    return true
  } catch {
    // None, or of a process that has ended.
    rmSync(claim, { force: true })
    return false
  }
}
