import { describe, expect, test } from 'bun:test';
import { createSocket } from 'node:dgram';
import { silent } from '../_testing.ts';
import { announcedName, pageUrls } from './addresses.ts';
import { announce } from './mdns.ts';

/** A DNS question for one name (RFC 1035, 4.1). */
function question(name: string, type: number): Buffer {
  const labels = name.split('.').map((label) => {
    return Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]);
  });
  const header = Buffer.from([0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  return Buffer.concat([header, ...labels, Buffer.from([0, 0, type, 0, 1])]);
}

const POINTER = 12;

describe('how phones find the box', () => {
  test('by the address it listens on, then by name; never on loopback', () => {
    expect(pageUrls('192.0.2.7', 8080, 'demeter')).toEqual([
      'http://192.0.2.7:8080/',
      'http://demeter.local:8080/',
    ]);
    expect(pageUrls('fd00::2', 80, null)).toEqual(['http://[fd00::2]/']);
    const named = (host: string, name: string) =>
      announcedName({ DEMETER_EDGE_HOST: host, DEMETER_EDGE_MDNS: name });
    expect(named('0.0.0.0', 'demeter')).toBe('demeter');
    expect(named('0.0.0.0', 'off')).toBeNull();
    expect(named('127.0.0.1', 'demeter')).toBeNull();
    expect(() => named('0.0.0.0', 'a name')).toThrow('DEMETER_EDGE_MDNS');
  });

  test('by mDNS, which says name and host of its web server', async () => {
    // Over plain loopback sockets: not every network of a test passes multicast.
    const [phone, box] = [createSocket('udp4'), createSocket('udp4')];
    const bound = [phone, box].map(async (each) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      each.bind(0, '127.0.0.1', resolve);
      await promise;
    });
    await Promise.all(bound);
    const { promise, resolve } = Promise.withResolvers<string>();
    phone.on('message', (message) => {
      const text = message.toString('latin1');
      if (text.includes('_http')) resolve(text);
    });
    const socket = {
      socket: box,
      bind: false,
      multicast: false,
      ip: '127.0.0.1',
      port: phone.address().port,
    };
    const announcement = announce({ name: 'greenhouse-2', port: 8080, log: silent, socket });
    phone.send(question('_http._tcp.local', POINTER), box.address().port, '127.0.0.1');
    const said = await promise;
    expect(said).toContain('Demeter greenhouse-2');
    await announcement.stop();
    phone.close();
  });
});
