export { ActButton, type ActButtonProps } from './act-button.tsx';
export { Button, type ButtonProps, IconButton } from './button.tsx';
export { cx } from './class-names.ts';
export { useNow } from './clock.ts';
export { Dialog, type DialogProps } from './dialog.tsx';
export { Exposure, type ExposureProps } from './exposure.tsx';
export { Field, SearchInput, TextArea, TextInput } from './field.tsx';
export { decodePathPart, flagPath } from './flag-path.ts';
export { FreezeOverride, type FreezeOverrideProps } from './freeze-override.tsx';
export { KeysList } from './keys-list.tsx';
export { MarkedText } from './marked-text.tsx';
export { markCode, markStrong, plainText } from './marks.ts';
export { ActionMenu, ChoiceMenu, type MenuChoice } from './menu.tsx';
export {
  type BulkTarget,
  type IncidentDraft,
  isDialogOpen,
  type KillTarget,
  type RolloutTarget,
  type StatusTarget,
  type ThemeChoice,
  usePage,
} from './page.ts';
export { Notices, type Notice, useNotices } from './notices.tsx';
export { Panel, type PanelProps } from './panel.tsx';
export { PassphraseInput, takePassphrase } from './passphrase-input.tsx';
export { PersonChoice, type PersonOption } from './person-choice.tsx';
export { useRefusal } from './refusal.ts';
export { Select } from './select.tsx';
export { EmptyState, ErrorState, Skeleton } from './states.tsx';
export { Badge, StatusPill } from './status-pill.tsx';
export type { Tint } from './tint.ts';
export { Strip, type StripProps } from './strip.tsx';
export { Table, Td, Th, Tr } from './table.tsx';
export { Code, EnvironmentName, FilePath, Kbd, Tooltip } from './text.tsx';
export { CopyButton, type CopyButtonProps, TextBlock, type TextBlockProps } from './text-block.tsx';
export { clockTime, durationText, relativeTime, Time, utcTime } from './time.tsx';
export { formatValue } from './units.ts';
export { useUnlock } from './unlock.ts';
export { useViewKeys, type ViewKeys } from './view-keys.ts';
