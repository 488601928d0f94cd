/** Longest side that an image is read at, pixels: a phone's photograph is far larger than its code needs. */
const LARGEST_PX = 2000;
/** A photograph is read once, not as one frame of a camera: it may take its time, milliseconds. */
const TIME_LIMIT_MS = 4000;
/** From 1 upwards: how many guesses the reader may make. */
const EFFORT = 8;

/** The text of the QR code in an image file; null when none is found. Throws when the file is no image. */
export async function readQr(file: Blob): Promise<string | null> {
  const image = await createImageBitmap(file);
  try {
    const scale = Math.min(1, LARGEST_PX / Math.max(image.width, image.height));
    const [width, height] = [Math.round(image.width * scale), Math.round(image.height * scale)];
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext('2d', { willReadFrequently: true });
    if (!context) throw new Error('this browser draws no images off the screen');
    context.drawImage(image, 0, 0, width, height);
    const { data } = context.getImageData(0, 0, width, height);
    const { decodeQR } = await import('qr/decode.js');
    try {
      return decodeQR({ width, height, data }, { format: 'RGBA', effort: EFFORT, timeLimit: TIME_LIMIT_MS });
    } catch {
      // The reader's only way to say that it found none.
      return null;
    }
  } finally {
    image.close();
  }
}
