import type { setup as source } from '../en/setup.ts';
import type { Texts } from '../texts.ts';

export const setup: Texts<typeof source> = {
  'setup.title': 'Einrichtung',
  'setup.mode': 'Betriebsart',
  'setup.sandbox': 'Sandkasten',
  'setup.sandboxText':
    'Das ist Übung: ein simulierter Dienst, seine Flags in einer echten Datei, seine Messwerte erfunden. Nichts hier berührt Ihre Systeme.',
  'setup.configured': 'Eingerichtet',
  'setup.configuredText': 'Team {team}, aus dieser Datei. Sie wird bei jeder Änderung neu gelesen.',
  'setup.problems':
    'Die Datei hat Probleme: Unter „Zustand“ stehen sie mit Zeile und Spalte. Die letzte gute Konfiguration gilt weiter.',
  'setup.leave': 'Den Sandkasten verlassen',
  'setup.leaveText':
    'Scram schreibt eine kommentierte erste Konfiguration in ein Verzeichnis dieses Rechners und wechselt zu ihr. Es überschreibt nie eine Datei.',
  'setup.directory': 'Verzeichnis',
  'setup.directoryHint':
    'Voller Pfad auf dem Rechner, auf dem Scram läuft. Der vorgeschlagene wird bei jedem Start gefunden, ein anderer mit --config genannt.',
  'setup.write': 'Erste Konfiguration schreiben',
  'setup.failed': 'Die Konfiguration wurde nicht geschrieben',
  'setup.done': 'Geschrieben nach {directory}',
  'setup.next': 'Nächste Schritte',
  'setup.next1': 'Öffnen Sie scram.yaml und nennen Sie Umgebungen, Flag-Dateien und Messwertquelle.',
  'setup.next2': 'Speichern Sie: Diese Seite folgt jedem Speichern, und „Zustand“ zeigt, was wo falsch ist.',
  'setup.next3':
    'Legen Sie das Verzeichnis in die Versionsverwaltung. Mit --config lässt es sich von überall benutzen.',
  'setup.appearance': 'Darstellung',
  'setup.theme': 'Farben',
  'setup.theme.system': 'wie das System',
  'setup.theme.light': 'hell',
  'setup.theme.dark': 'dunkel',
  'setup.theme.contrast': 'hoher Kontrast',
  'setup.language': 'Sprache',
  'setup.keys': 'Tasten',
  'setup.about': 'Über',
  'setup.version': '{name} {version}',
  'setup.host': 'Läuft als',
  'setup.host.desktop': 'Anwendung',
  'setup.host.web': 'Webdienst',
  'setup.host.terminal': 'Terminal',
  'setup.device': 'Gerät',
};
