import sharp from 'sharp';
import { renderSVG } from 'uqr';

/** A printed tag as it lies in the scene: a QR code with `text` on white card. PNG. */
export async function drawTag(text: string, side: number): Promise<Buffer> {
  const code = renderSVG(text, { border: 3, ecc: 'M' });
  return await sharp(Buffer.from(code)).resize(side, side, { kernel: 'nearest' }).png().toBuffer();
}
