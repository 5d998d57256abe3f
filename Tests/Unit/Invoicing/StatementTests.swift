import InvoicingDomain
import PaymentModel
import Testing

/// INV-10: a client's account over a period.
@Suite struct `A statement of a client` {
    private let from = LocalDate("2026-01-01") ?? .earliest
    private let to = LocalDate("2026-01-31") ?? .earliest

    private func movement(
        _ kind: AccountMovement.Kind, _ cents: Int64, _ reference: String = "F-1"
    ) -> AccountMovement {
        AccountMovement(kind, on: from, reference: reference, amount: .euros(cents: cents))
    }

    @Test func `INV-10: closes at its opening and all movements, and every line shows what is owed then`() throws {
        for seed in [1, 2, 3, UInt64.random(in: 4 ... .max)] {
            var random = SeededGenerator(seed: seed)
            let opening = Int64.random(in: -100_000...100_000, using: &random)
            let amounts = (0..<200).map { _ in Int64.random(in: -50_000...50_000, using: &random) }
            let statement = try Statement(
                opening: .euros(cents: opening), movements: amounts.map { movement(.invoice, $0) })
            #expect(statement.closing.minorUnits == opening + amounts.reduce(0, +), "seed \(seed)")
            var balance = opening
            for (line, amount) in zip(statement.lines, amounts) {
                balance += amount
                #expect(line.balance.minorUnits == balance, "seed \(seed)")
                let sides = line.movement.sides
                #expect((sides.owed?.minorUnits ?? 0) - (sides.paid?.minorUnits ?? 0) == amount, "seed \(seed)")
            }
            let turnover = statement.turnover
            #expect(turnover.owed.minorUnits - turnover.paid.minorUnits == amounts.reduce(0, +), "seed \(seed)")
        }
    }

    @Test func `INV-10, C-27: opens right in a French spreadsheet, whatever its texts`() throws {
        let statement = try Statement(
            opening: .euros(cents: 123_456),
            movements: [
                movement(.invoice, 1_000, "F-LILAS-2026-000001"), movement(.payment, -2_250, "R-1"),
                movement(.receivable, 5, "=1+1;\"été\""),
            ])
        let french = StatementSheet(statement, from: from, to: to, language: .french).text
        let lines = [
            "Date;Nature;Référence;Débit;Crédit;Solde", "01/01/2026;Solde;;;;1234,56",
            "01/01/2026;Facture;F-LILAS-2026-000001;10,00;;1244,56", "01/01/2026;Règlement;R-1;;22,50;1222,06",
            #"01/01/2026;Créance;"'=1+1;""été""";0,05;;1222,11"#, "31/01/2026;Solde;;;;1222,11",
        ]
        #expect(french == "\u{FEFF}" + lines.map { $0 + "\r\n" }.joined())
        let english = StatementSheet(statement, from: from, to: to, language: .english).text
        #expect(english.contains("2026-01-01,Payment,R-1,,22.50,1222.06\r\n"))
    }

    @Test func `INV-10: a balance below nothing stays a number in a spreadsheet`() throws {
        let statement = try Statement(opening: .euros(cents: 0), movements: [movement(.payment, -123_456)])
        let sheet = StatementSheet(statement, from: from, to: to, language: .french).text
        #expect(sheet.contains(";;1234,56;-1234,56\r\n"))
        let words = StatementWords(language: .french)
        #expect(words.meaning(of: statement.closing) == "En votre faveur")
        #expect(words.meaning(of: .euros(cents: 0)) == "Compte soldé")
        #expect(words.kind(of: movement(.archive, 500)) == "Paiement archivé")
        #expect(words.kind(of: movement(.archive, -500)) == "Paiement remis au compte", "it came back")
    }
}
