"""Write the templates of ``docs/templates`` from ``atlas/ingest/templates.toml``."""

from __future__ import annotations

from atlas.ingest.templates import all_templates, template_bytes


def main() -> None:
    """Write each template that has headings; those written by hand stay as they are."""
    for template in all_templates():
        if template.headings:
            template.path.write_bytes(template_bytes(template))
            print(template.path.name)


if __name__ == "__main__":
    main()
