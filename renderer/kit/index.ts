export { Button, type ButtonProps, IconButton } from './button.tsx';
export { cx } from './class-names.ts';
export { useNow } from './clock.ts';
export { Dialog, type DialogProps } from './dialog.tsx';
export { Exposure, type ExposureProps } from './exposure.tsx';
export { Field, SearchInput, TextArea, TextInput } from './field.tsx';
export { decodePathPart, flagPath } from './flag-path.ts';
export { KeysList } from './keys-list.tsx';
export { ActionMenu, ChoiceMenu, type MenuChoice } from './menu.tsx';
export {
  type BulkTarget,
  isDialogOpen,
  type KillTarget,
  type RolloutTarget,
  type ThemeChoice,
  usePage,
} from './page.ts';
export { Panel, type PanelProps } from './panel.tsx';
export { Select } from './select.tsx';
export { EmptyState, ErrorState, Skeleton } from './states.tsx';
export { Badge, StatusPill, type Tint } from './status-pill.tsx';
export { Table, Td, Th, Tr } from './table.tsx';
export { Code, EnvironmentName, FilePath, Kbd, Tooltip } from './text.tsx';
export { clockTime, durationText, relativeTime, Time, utcTime } from './time.tsx';
export { formatValue } from './units.ts';
export { useViewKeys, type ViewKeys } from './view-keys.ts';
