/// <reference lib="dom" />
import type { Locator, Page } from 'playwright-core';

/** What runs inside the browser. */

export function goTo(page: Page, hash: string): Promise<void> {
  return page.evaluate((to) => {
    location.hash = to;
  }, hash);
}

/** The phone says that it is in the Wi-Fi again. */
export function comeOnline(page: Page): Promise<void> {
  return page.evaluate(() => {
    dispatchEvent(new Event('online'));
  });
}

/** CSS pixels of the whole content; more than the viewport's means sideways scrolling. */
export function contentWidth(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth);
}

/** True once the picture is there, not only its place. */
export function isDrawn(picture: Locator): Promise<boolean> {
  return picture.evaluate((image) => (image as HTMLImageElement).naturalWidth > 0);
}

/** Photos that the browser keeps for the box's page. */
export function keptPhotos(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const done = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const database = await done(indexedDB.open('demeter-box'));
    const kept = await done(database.transaction('photos').objectStore('photos').count());
    database.close();
    return kept;
  });
}

/** A picture of the page as another JPEG: mirrored, drawn by the browser. */
export async function mirrored(picture: Locator): Promise<Buffer> {
  const base64 = await picture.evaluate(async (element) => {
    const image = element as HTMLImageElement;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = image.naturalWidth;
    canvas.height = image.naturalHeight;
    const context = canvas.getContext('2d')!;
    context.scale(-1, 1);
    context.drawImage(image, -canvas.width, 0);
    return canvas.toDataURL('image/jpeg', 0.92).split(',')[1]!;
  });
  return Buffer.from(base64, 'base64');
}
