import {
  CircleQuestionMark,
  KeyRound,
  Laptop,
  Mail,
  Mails,
  Monitor,
  Printer,
  Smartphone,
  Tablet,
} from 'lucide';
import type { Drawing } from '../parts/icon.tsx';
import type { Device } from './device.ts';

/** The drawing of each device. */
export const drawings: Readonly<Record<Device, Drawing>> = {
  iphone: Smartphone,
  android: Tablet,
  outlook: Mail,
  thunderbird: Mails,
  mac: Monitor,
  printer: Printer,
  other: CircleQuestionMark,
};

/** What a name tells of the device, in the languages of the page and beyond. */
const hints: readonly (readonly [RegExp, Drawing])[] = [
  [/iphone|ipad|phone|telefoon|handy|mobil|android|galaxy|pixel/i, Smartphone],
  [/tablet/i, Tablet],
  [/outlook|mail|thunderbird/i, Mail],
  [/print|scan|drucker/i, Printer],
  [/laptop|notebook|macbook/i, Laptop],
  [/mac|pc|desktop|computer/i, Monitor],
];

/** A drawing for an app password, by its name alone: no kind of device is kept. */
export function drawingFor(name: string): Drawing {
  return hints.find(([hint]) => hint.test(name))?.[1] ?? KeyRound;
}
