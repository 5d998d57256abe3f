import FoundationEssentials
import PaymentModel
import Testing

@Suite struct `GEN-5: sentences in two languages` {
    let sum: Sentence = "The cheque of \(Money.euros(cents: 123_456)) has \(3) parts."

    @Test func `read in English as they were written`() {
        #expect(sum.description == "The cheque of 1234.56 EUR has 3 parts.")
        #expect(sum.pattern == "The cheque of {} has {} parts.")
        #expect(sum == "The cheque of 1234.56 EUR has 3 parts.")
        #expect(sum != "The cheque of 1234.56 EUR has 4 parts.")
    }

    @Test func `read in French as the phrasebook has them, amounts and days as French has them`() throws {
        let day = try #require(LocalDate("2026-11-03"))
        let late: Sentence = "It is before \(day)."
        let book = Phrasebook(french: [
            sum.pattern: "Le chèque de {} a {} parties.", late.pattern: "C’est avant le {}.",
        ])
        #expect(book.text(of: sum, in: .french) == "Le chèque de 1\u{202F}234,56\u{202F}€ a 3 parties.")
        #expect(book.text(of: late, in: .french) == "C’est avant le 03/11/2026.")
        #expect(book.text(of: sum, in: .english) == sum.description)
    }

    @Test func `may have their parts in another order`() {
        let sentence: Sentence = "\("left") before \("right")"
        let book = Phrasebook(french: ["{} before {}": "{2} après {1}", "left": "gauche"])
        #expect(book.text(of: sentence, in: .french) == "right après gauche")
    }

    @Test func `have parts that are sentences themselves`() {
        let inner: Sentence = "Give \(3) at most."
        let sentence: Sentence = "Did you mean \"\("red")\"? \(inner)" + " Or not."
        let book = Phrasebook(french: [
            "Did you mean \"{}\"? {} Or not.": "Vouliez-vous dire « {} » ? {} Ou pas.",
            inner.pattern: "Donnez {} au plus.",
        ])
        #expect(sentence.description == "Did you mean \"red\"? Give 3 at most. Or not.")
        #expect(book.text(of: sentence, in: .french) == "Vouliez-vous dire « red » ? Donnez 3 au plus. Ou pas.")
    }

    @Test func `stay English where the phrasebook does not know them`() {
        #expect(Phrasebook.empty.text(of: sum, in: .french) == "The cheque of 1\u{202F}234,56\u{202F}€ has 3 parts.")
        #expect(Phrasebook(french: ["None.": "Aucun."]).text(of: Sentence("None."), in: .french) == "Aucun.")
    }

    @Test func `tell how many there are as French has large numbers, and leave other numbers alone`() {
        let many: Sentence = "More than \(count: 200_000) of \(2026), \(count: 9_999) of line \(12345)."
        #expect(many.description == "More than 200000 of 2026, 9999 of line 12345.")
        #expect(
            Phrasebook.empty.text(of: many, in: .french) == "More than 200\u{202F}000 of 2026, 9999 of line 12345.")
    }

    @Test func `are kept so that they can be told in the language of whoever reads them later`() throws {
        let day = try #require(LocalDate("2026-11-03"))
        let kept: Sentence = "\(sum) Before \(day): \(count: 10_000) of \("C1")."
        let bytes = try JSONEncoder().encode([kept])
        let read = try #require(try JSONDecoder().decode([Sentence].self, from: bytes).first)
        #expect(read.pattern == kept.pattern)
        let book = Phrasebook(french: [sum.pattern: "Le chèque de {} a {} parties."])
        #expect(book.text(of: read, in: .french) == book.text(of: kept, in: .french))
        let start = "Le chèque de 1\u{202F}234,56\u{202F}€ a 3 parties. Before 03/11"
        #expect(book.text(of: read, in: .french).hasPrefix(start))
        let plain = try JSONDecoder().decode([Sentence].self, from: Data(#"["None."]"#.utf8))
        #expect(plain == ["None."], "what was kept before as a text stays one")
        let text = String(decoding: try JSONEncoder().encode(["None." as Sentence]), as: UTF8.self)
        #expect(text == #"["None."]"#, "an instance of the version before can read it")
    }

    @Test func `go on small after a colon in French, unless with a name`() {
        let book = Phrasebook(french: [
            "Line {}: {}": "Ligne {}\u{A0}: {}", "It is empty.": "Le fichier est vide.", "Nobody.": "Alma n'a rien.",
        ])
        for (part, french) in [("It is empty.", "le fichier est vide."), ("Nobody.", "Alma n'a rien.")] {
            let told: Sentence = "Line \(4): \(Sentence(stringLiteral: part))"
            #expect(book.text(of: told, in: .french) == "Ligne 4\u{A0}: \(french)")
            #expect(told.description == "Line 4: \(part)")
        }
        #expect(book.text(of: "It is empty.", in: .french) == "Le fichier est vide.")
    }

    @Test func `are one text in what is written for a reader`() throws {
        let encoder = JSONEncoder()
        encoder.userInfo[.reader] = Reader(.french, Phrasebook(french: ["None.": "Aucun."]))
        let written = String(decoding: try encoder.encode(["reason": "None." as Sentence]), as: UTF8.self)
        #expect(written == #"{"reason":"Aucun."}"#)
    }

    @Test func `keep braces that are no place for a value`() {
        let sentence: Sentence = "The part {\("id")} of /v1/{name} at {9} has {\"a\": 1}."
        #expect(sentence.description == "The part {id} of /v1/{name} at {9} has {\"a\": 1}.")
    }

    @Test func `lose nothing of a text made elsewhere, whatever is in it`() {
        for text in ["", "{}", "{1} {}", "}{", "a {} b"] {
            #expect(Sentence(text).description == text)
            #expect(Phrasebook.empty.text(of: "It is \(text).", in: .french) == "It is \(text).")
        }
    }
}
