/// Movements that have nothing to do with any provider, such as every account of a clinic has.
struct UnrelatedMovements {
    private struct Pattern {
        let kind: BankMovement.Kind
        let sign: Int64
        let range: ClosedRange<Int64>
        let counterparty: String
        let remittance: String
    }

    private static let patterns = [
        Pattern(
            kind: .directDebit, sign: -1, range: 180_00...2_400_00, counterparty: "CENTRALE VETERINAIRE",
            remittance: "PRELEVEMENT FACTURE MEDICAMENTS"),
        Pattern(
            kind: .cards, sign: 1, range: 95_00...1_900_00, counterparty: "REMISE CB",
            remittance: "REMISE CARTES BANCAIRES CONTRAT 4471203"),
        Pattern(
            kind: .transferOut, sign: -1, range: 900_00...2_100_00, counterparty: "SCI DES TILLEULS",
            remittance: "LOYER CLINIQUE"),
        Pattern(
            kind: .transferIn, sign: 1, range: 40_00...420_00, counterparty: "M OU MME MARTIN",
            remittance: "REGLEMENT FACTURE CHAT"),
        Pattern(
            kind: .charges, sign: -1, range: 4_00...38_00, counterparty: "BANQUE",
            remittance: "FRAIS DE TENUE DE COMPTE"),
        Pattern(
            kind: .transferIn, sign: 1, range: 50_00...900_00, counterparty: "ALMAGRO ASSURANCES",
            remittance: "REMBOURSEMENT SINISTRE"),
    ]

    /// Takes the patterns in turn, with amounts by chance; one counterparty's name starts like a provider's on purpose.
    static func make(
        _ count: Int, on date: CivilDate, random: inout Randomness, reference: () -> String
    ) -> [BankMovement] {
        (0..<max(0, count)).map { index in
            let pattern = patterns[index % patterns.count]
            let cents = Int64.random(in: pattern.range, using: &random)
            return BankMovement(
                reference: reference(), kind: pattern.kind, cents: pattern.sign * cents, bookedOn: date,
                valuedOn: date, counterparty: pattern.counterparty, counterpartyIBAN: nil, endToEnd: nil,
                remittance: [pattern.remittance])
        }
    }
}
