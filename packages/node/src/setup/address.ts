import { isIP } from 'node:net'
import { SetupError } from './setup-error.ts'

/**
 * Multiaddr of `host:port`, `[IPv6]:port` or a host name with port; a multiaddr stays as it is.
 * @throws {SetupError} `ADDRESS_FORM`
 */
export function parseAddress(text: string): string {
  if (text.startsWith('/')) return text
  const [, inBrackets, plain, port = ''] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? []
  const host = inBrackets ?? plain ?? ''
  const protocol = { 0: 'dns', 4: 'ip4', 6: 'ip6' }[isIP(host)]
  const isName = /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(host)
  if (Number(port) > 65_535 || protocol === undefined || (protocol === 'dns' && !isName))
    throw new SetupError('ADDRESS_FORM', `${text} is not host:port, such as 192.0.2.7:4470`)
  return `/${protocol}/${host}/tcp/${Number(port)}`
}

/** Whether partners can dial this address: a named port on one address, not on all. */
export function isDialable(multiaddr: string): boolean {
  return !/\/tcp\/0(\/|$)/.test(multiaddr) && !/^\/(ip4\/0\.0\.0\.0|ip6\/::)\//.test(multiaddr)
}
