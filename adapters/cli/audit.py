"""Commands about the audit chain."""

from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from adapters.audit import export, verifier
from adapters.audit.checkpoints import sign_head
from adapters.audit.signing import read_public_key
from adapters.cli.output import Exit, err, out, print_json
from adapters.cli.service import Call, Json, not_written
from sync.errors import ConfigurationInvalid, Problem
from sync.parts import Parts
from sync.ports.store import FactCheck, UnitOfWork


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    audit = typer.Typer(no_args_is_help=True, help="The audit chain.")
    audit.command()(key)
    audit.command()(checkpoint)
    audit.command("export")(export_)
    audit.command()(verify)
    app.add_typer(audit, name="audit")


def key(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(help="Where to write it; the public key goes beside it.")] = Path(
        "ajantasa-audit.key"
    ),
) -> int:
    """Make the key that signs checkpoints, and its public key, which may be given to anybody."""
    call: Call = context.obj
    try:
        public = call.program.create_signing_key(path)
    except FileExistsError:
        err().print(f"{path}, or its public key, is there already and is not overwritten", markup=False)
        return Exit.FAILED
    except OSError as error:
        return not_written(path, error)
    out().print(f"wrote {path}\nwrote {public}", markup=False)
    return Exit.OK


def checkpoint(context: typer.Context, json: Json = False) -> int:
    """Sign the last entry of the audit chain, and append that to the file of checkpoints."""
    call: Call = context.obj
    file = call.program.checkpoints(call.config)
    if file is None:
        raise ConfigurationInvalid([Problem("audit.checkpoint_file", "is needed, and audit.signing_key_file with it")])
    with call.program.open(call.config) as parts:
        made = sign_head(parts, file)
    if json:
        print_json({"new": made is not None, "checkpoint": made})
    elif made:
        out().print(f"checkpoint {made['number']}: entries 1 to {made['seq']} are vouched for", markup=False)
    else:
        out().print("Nothing is new since the last checkpoint.")
    return Exit.OK


def export_(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it; never over a file that is there.")],
    json: Json = False,
) -> int:
    """Write the whole audit chain to FILE and the checkpoints to FILE.checkpoints, for whoever has no database."""
    call: Call = context.obj
    file = call.program.checkpoints(call.config)
    with call.program.open(call.config) as parts:
        try:
            entries = export.export(parts, path, file)
        except FileExistsError:
            err().print(
                f"{path}, or the checkpoints' file beside it, is there already and is not overwritten", markup=False
            )
            return Exit.FAILED
        except OSError as error:
            return not_written(path, error)
    beside = export.beside(path) if file else None
    if json:
        print_json({"file": str(path), "checkpoints": str(beside) if beside else None, "entries": entries})
    else:
        out().print(f"wrote {entries} entries to {path}", markup=False)
        if beside:
            out().print(f"wrote the checkpoints to {beside}", markup=False)
    return Exit.OK


def verify(
    context: typer.Context,
    checkpoints: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Another file of checkpoints than the configured.")
    ] = None,
    public_key: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="The key that they were signed with.")
    ] = None,
    json: Json = False,
) -> int:
    """Verify the audit chain of the running database, its checkpoints, and every fact that it binds."""
    call: Call = context.obj
    if (checkpoints is None) != (public_key is None):
        raise typer.BadParameter("--checkpoints and --public-key belong together")
    file = None if checkpoints else call.program.checkpoints(call.config)
    with ExitStack() as stack:
        parts = stack.enter_context(call.program.open(call.config))
        work, total, signed = stack.enter_context(export.at_one_moment(parts, file))
        signer = file.public_key if file else None
        if checkpoints and public_key:
            signed = verifier.lines_of(stack.enter_context(checkpoints.open("rb")))
            signer = read_public_key(public_key)
        reading = export.told(work.trail(), parts.progress("verifying the chain"), total)
        report = verifier.verify(export.lines(reading), signed, signer)
        facts = _compare(parts, work)
    good = not (report.fault_count or facts.altered_count)
    if json:
        faults = [fault._asdict() for fault in report.faults]
        print_json({"good": good, **asdict(report), "faults": faults, "compared": asdict(facts)})
    else:
        for line in (*verifier.words(report, signatures=signer is not None), *_facts_in_words(facts)):
            out().print(line, markup=False)
    return Exit.OK if good else Exit.FAILED


def _compare(parts: Parts, work: UnitOfWork) -> FactCheck:
    progress = parts.progress("comparing the facts")
    found = work.compare_facts(progress.advance)
    progress.done()
    return found


def _facts_in_words(facts: FactCheck) -> list[str]:
    said = [f"Compared {facts.facts} facts, as they stand in the database, with their commitments."]
    if facts.without_value:
        said.append(f"Of {facts.without_value} the value is no longer kept; the rest of them was compared.")
    if facts.erased:
        said.append(f"{facts.erased} were emptied with the person whom they were about, as entries of the chain say.")
    if facts.older:
        said.append(f"{facts.older} are of an earlier build and could not be compared.")
    said += [f"FAULT fact {id_}: is not as it was when the chain bound it" for id_ in facts.altered]
    if facts.altered_count > len(facts.altered):
        said.append(f"and {facts.altered_count - len(facts.altered)} more facts")
    said.append(f"Facts that were changed: {facts.altered_count}." if facts.altered_count else "No fact was changed.")
    return said
