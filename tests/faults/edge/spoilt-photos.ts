import sharp from 'sharp';

const END = Uint8Array.of(0xff, 0xd9);

/** What a camera spoils, by the reason that the edge must give. */
export const SPOILT = {
  too_dark: async (photo: Uint8Array) => await sharp(photo).linear(0.05, 0).jpeg().toBuffer(),
  too_bright: async (photo: Uint8Array) => await sharp(photo).linear(0.2, 210).jpeg().toBuffer(),
  blurred: async (photo: Uint8Array) => await sharp(photo).blur(12).jpeg().toBuffer(),
  /** Its end is marked, and there is nothing before it. */
  undecodable: async (photo: Uint8Array) => {
    const header = photo.subarray(0, Math.floor(photo.length * 0.02));
    return Buffer.concat([header, Buffer.alloc(200, 0xff), END]);
  },
} as const;
