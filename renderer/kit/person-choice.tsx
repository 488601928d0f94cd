import { useId } from 'react';
import { cx } from './class-names.ts';
import styles from './person-choice.module.css';

export interface PersonOption {
  readonly operator: string;
  readonly name: string;
  /** Roles, or why the person cannot be chosen. */
  readonly hint?: string | undefined;
  readonly disabled?: boolean | undefined;
}

export interface PersonChoiceProps {
  /** Accessible name of the list. */
  readonly label: string;
  readonly people: readonly PersonOption[];
  readonly value: string | null;
  readonly onChoose: (operator: string) => void;
}

/** Who it is: a radio list of several people, or the one there is. */
export function PersonChoice({ label, people, value, onChoose }: PersonChoiceProps) {
  const group = useId();
  const [only] = people;
  if (people.length === 1 && only && !only.disabled) {
    return (
      <p className={styles.only}>
        <strong>{only.name}</strong>
        <Id person={only} />
        {only.hint ? <span className={styles.hint}>{only.hint}</span> : null}
      </p>
    );
  }
  return (
    <fieldset className={styles.choice}>
      <legend className={styles.legend}>{label}</legend>
      {people.map((person) => (
        <label key={person.operator} className={cx(styles.person, person.disabled && styles.disabled)}>
          <input
            type="radio"
            name={group}
            value={person.operator}
            checked={person.operator === value}
            disabled={person.disabled}
            onChange={() => onChoose(person.operator)}
          />
          <span>{person.name}</span>
          <Id person={person} />
          {person.hint ? <span className={styles.hint}>{person.hint}</span> : null}
        </label>
      ))}
    </fieldset>
  );
}

/** The id, where the name does not say it already. */
function Id({ person }: { readonly person: PersonOption }) {
  if (person.name.toLowerCase() === person.operator.toLowerCase()) return null;
  return <span className={styles.hint}>{person.operator}</span>;
}
