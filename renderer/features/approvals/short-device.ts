/** Enough of a console's id to tell it from the team's others; whole on hover and in the record. */
export function shortDevice(device: string): string {
  return device.length > 16 ? `${device.slice(0, 12)}…` : device;
}
