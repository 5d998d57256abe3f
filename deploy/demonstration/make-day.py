#!/usr/bin/env python3
"""Writes the demonstration's two practice-management exports.

The same seed always gives the same files, so the committed files can be checked against this script:
    deploy/demonstration/make-day.py --check
The format is described in deploy/demonstration/README.md.
"""
import argparse
import datetime
import io
import pathlib
import random
import sys

HERE = pathlib.Path(__file__).parent
DAY = datetime.date(2026, 11, 20)
HEADER = (
    "invoice_ref;clinic_code;issued_on;due_on;client_ref;client_last_name;client_first_name;client_phone;"
    "client_email;client_language;client_town;line_label;quantity;unit_price_excluding_vat;vat_rate"
)
# What a clinic sells, with a price range in cents excluding VAT; more than one animal's day out of this list is real.
CARE = [
    ("Consultation", 3800, 5200), ("Consultation de suivi", 2500, 3400), ("Consultation d'urgence", 7500, 11000),
    ("Vaccin CHPPiL", 4200, 5600), ("Vaccin typhus-coryza-leucose", 4800, 6100), ("Identification par puce", 5400, 6900),
    ("Castration chat", 6500, 9000), ("Ovariectomie chatte", 12500, 16500), ("Ovariectomie chienne", 24500, 39500),
    ("Détartrage sous anesthésie", 14500, 22000), ("Extraction dentaire", 3500, 8000),
    ("Radiographie, deux clichés", 6800, 9500), ("Échographie abdominale", 7200, 11500),
    ("Bilan sanguin complet", 6900, 9800), ("Analyse d'urine", 2400, 3900), ("Hospitalisation, la journée", 4500, 7500),
    ("Perfusion", 3200, 5100), ("Chirurgie du ligament croisé", 98000, 145000), ("Ostéosynthèse", 85000, 128000),
    ("Suture de plaie", 6500, 12500), ("Pansement", 1800, 3200), ("Certificat de bonne santé", 3500, 4500),
]
GOODS = [
    ("Antiparasitaire externe, 4 pipettes", 2490, 3890), ("Vermifuge, 2 comprimés", 890, 1890),
    ("Aliment rénal chat, 3 kg", 2950, 3890), ("Aliment digestif chien, 12 kg", 6250, 8490),
    ("Anti-inflammatoire, flacon 32 ml", 1850, 3150), ("Antibiotique, 20 comprimés", 1420, 2680),
    ("Collerette", 690, 1390), ("Shampooing dermatologique", 1290, 2190),
]
LAST = ["Martin", "Bernard", "Thomas", "Petit", "Robert", "Richard", "Durand", "Dubois", "Moreau", "Laurent", "Simon",
        "Michel", "Lefèvre", "Leroy", "Roux", "David", "Bertrand", "Morel", "Fournier", "Girard", "Bonnet", "Dupont",
        "Lambert", "Fontaine", "Rousseau", "Vincent", "Müller", "Faure", "André", "Mercier", "Guérin", "Boyer",
        "Garnier", "Chevalier", "François", "Legrand", "Gauthier", "Perrin", "Robin", "Clément", "Nguyen", "O'Connor"]
FIRST = ["Camille", "Léa", "Manon", "Chloé", "Emma", "Inès", "Jade", "Louise", "Alice", "Lina", "Hugo", "Louis", "Jules",
         "Adam", "Lucas", "Raphaël", "Arthur", "Gabriel", "Noé", "Paul", "Théo", "Zoé", "Agnès", "Benoît", "Élodie"]
TOWNS = {"LILAS": "Les Lilas", "PANTIN": "Pantin", "PINEDE": "Biarritz"}


def euros(cents):
    return f"{cents // 100},{cents % 100:02d}"


def client(random_, number, clinic):
    last, first = random_.choice(LAST), random_.choice(FIRST)
    # +33 6 39 98 xx xx is kept for works of fiction by the French regulator.
    phone = f"+336399{80000 + number:05d}"
    return [f"C{number:04d}", last, first, phone, f"client{number:04d}@example.org",
            "en" if last in ("O'Connor",) else "fr", TOWNS[clinic]]


def lines(random_):
    chosen = random_.sample(CARE, random_.choice([1, 1, 2, 2, 3]))
    goods = random_.sample(GOODS, random_.choice([0, 0, 1, 1, 2]))
    for label, low, high in chosen:
        yield label, "1", random_.randrange(low, high, 10)
    for label, low, high in goods:
        yield label, random_.choice(["1", "1", "1", "2"]), random_.randrange(low, high, 10)


def export(seed, prefix, clinics, invoices, first_client):
    random_ = random.Random(seed)
    out = io.StringIO()
    print(HEADER, file=out)
    for number in range(1, invoices + 1):
        clinic = random_.choice(clinics)
        # One client in eight comes back the same day with another animal.
        person = client(random.Random(f"{seed}-{number if number % 8 else number - 1}"),
                        first_client + (number if number % 8 else number - 1), clinic)
        due = DAY + datetime.timedelta(days=random_.choice([0, 0, 15, 30]))
        for label, quantity, price in lines(random_):
            row = [f"{prefix}-{number:04d}", clinic, DAY.isoformat(), due.isoformat(), *person, label, quantity,
                   euros(price), "20,00"]
            print(";".join(row), file=out)
    return out.getvalue()


def files():
    return {
        "lilas-2026-11-20.csv": export("lilas", "LIL", ["LILAS", "PANTIN"], 200, 0),
        "pinede-2026-11-20.csv": export("pinede", "PIN", ["PINEDE"], 100, 1000),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare with the files beside this script, write nothing")
    check = parser.parse_args().check
    for name, text in files().items():
        path = HERE / name
        if not check:
            path.write_text(text, encoding="utf-8")
        elif path.read_text(encoding="utf-8") != text:
            sys.exit(f"{name} differs from what this script writes: run it without --check")


main()
