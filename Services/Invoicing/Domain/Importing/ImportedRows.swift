package import PaymentModel

/// A client as a file of clients tells it.
package struct ImportedPerson: Hashable, Sendable {
    package let reference: String
    package let clinicCode: String
    package let lastName: String
    package let firstName: String
    package let phone: Phone?
    package let email: EmailAddress?
    package let language: Language
    package let town: String
    package let country: String
    package let company: String?
    package let siren: String?
    package let vatNumber: String?
    package let street: String?
    package let postcode: String?
    package let line: Int
}

/// Whose a debt or a payment of a file is: the practice's own reference, or a phone.
package struct ImportedWhose: Hashable, Sendable {
    package let reference: String?
    package let phone: Phone?
}

/// What is still owed for a document of another software.
package struct ImportedItem: Hashable, Sendable {
    package let reference: String
    package let clinicCode: String
    package let whose: ImportedWhose
    package let issuedOn: LocalDate
    package let dueOn: LocalDate
    package let label: String
    package let due: Money
    package let line: Int
}

/// Money that came in before these books were begun.
package struct ImportedPayment: Hashable, Sendable {
    package let reference: String
    package let clinicCode: String
    package let whose: ImportedWhose
    package let receivedOn: LocalDate
    package let amount: Money
    package let method: String
    /// The reference of the invoice or the open item it is counted for first.
    package let pays: String?
    package let line: Int
}

/// A row of a file, or what is wrong with it.
package struct ImportedRow<Value: Sendable>: Sendable {
    package let value: Value?
    package let problems: [RowProblem]

    fileprivate init(
        _ record: SeparatedValues.Record, _ kind: ImportKind, _ read: (inout ImportRow) -> Value?
    ) {
        var row = ImportRow(record, columns: kind.fields.map(\.name))
        let value = read(&row)
        self.value = row.problems.isEmpty ? value : nil
        problems = row.problems
    }
}

extension ImportedItem {
    /// Whether another row tells the same debt.
    package func isSame(as other: ImportedItem) -> Bool {
        (clinicCode, issuedOn, due) == (other.clinicCode, other.issuedOn, other.due) && whose == other.whose
    }
}

extension ImportedPayment {
    /// Whether another row tells as much money at the same clinic on the same day; whose it is is looked up.
    package func isSame(as other: ImportedPayment) -> Bool {
        (clinicCode, receivedOn, amount) == (other.clinicCode, other.receivedOn, other.amount)
    }
}

extension ImportedPerson {
    package static func read(_ record: SeparatedValues.Record, at places: ImportPlaces) -> ImportedRow<ImportedPerson> {
        ImportedRow(record, .clients) { row in
            let reference = row.text("client_ref")
            let clinic = row.clinic(at: places)
            let name = row.text("client_last_name")
            let first = row.optionalText("client_first_name")
            let phone = row.phone(at: clinic, of: places)
            let email = row.optional("client_email", remedy: "Give an e-mail address, or leave it empty.") {
                EmailAddress($0)
            }
            let language = row.read("client_language", remedy: "Give fr or en.") { Language(rawValue: $0.lowercased()) }
            let town = row.optionalText("client_town")
            let country = row.read("client_country", remedy: "Give a country of two letters, such as FR.") { text in
                text.count == 2 && text.allSatisfy { $0.isASCII && $0.isLetter } ? text.uppercased() : nil
            }
            let siren = row.optional("siren", remedy: "Give the nine digits of a SIREN.") { text in
                text.count == 9 && Luhn.holds(text) ? text : nil
            }
            let (company, vat) = (row.optionalText("company"), row.vatNumber("vat_number"))
            let (street, postcode) = (row.optionalText("street"), row.optionalText("postcode"))
            guard let reference, let clinic, let name, let language, let country else { return nil }
            return ImportedPerson(
                reference: reference, clinicCode: clinic, lastName: name, firstName: first ?? "", phone: phone,
                email: email, language: language, town: town ?? "", country: country, company: company, siren: siren,
                vatNumber: vat, street: street, postcode: postcode, line: row.record.line)
        }
    }
}

extension ImportedItem {
    package static func read(_ record: SeparatedValues.Record, at places: ImportPlaces) -> ImportedRow<ImportedItem> {
        ImportedRow(record, .openItems) { row in
            let reference = row.text("item_ref")
            let clinic = row.clinic(at: places)
            let whose = row.whose(at: clinic, of: places)
            let issuedOn = row.day("issued_on")
            let dueOn = row.optional("due_on", remedy: ImportRow.dayRemedy) { LocalDate($0) }
            let label = row.optionalText("label")
            let due = row.euros("amount_due")
            guard let reference, let clinic, let whose, let issuedOn, let due else { return nil }
            if let dueOn, dueOn < issuedOn {
                row.refuse(
                    "due_on", reason: "\(dueOn) is before the day of issue, \(issuedOn).",
                    remedy: "Give the day of issue or a later one.")
            }
            return ImportedItem(
                reference: reference, clinicCode: clinic, whose: whose, issuedOn: issuedOn, dueOn: dueOn ?? issuedOn,
                label: label ?? reference, due: due, line: row.record.line)
        }
    }
}

extension ImportedPayment {
    package static func read(
        _ record: SeparatedValues.Record, at places: ImportPlaces
    ) -> ImportedRow<ImportedPayment> {
        ImportedRow(record, .payments) { row in
            let reference = row.text("payment_ref")
            let clinic = row.clinic(at: places)
            let whose = row.whose(at: clinic, of: places)
            let receivedOn = row.day("received_on")
            let amount = row.euros("amount")
            let method = row.text("method")
            let pays = row.optionalText("pays_ref")
            guard let reference, let clinic, let whose, let receivedOn, let amount, let method else { return nil }
            return ImportedPayment(
                reference: reference, clinicCode: clinic, whose: whose, receivedOn: receivedOn, amount: amount,
                method: method, pays: pays, line: row.record.line)
        }
    }
}

extension ImportRow {
    fileprivate static let dayRemedy: Sentence = "Give a day such as 2026-11-20 or 20/11/2026."

    fileprivate mutating func clinic(at places: ImportPlaces) -> String? {
        read("clinic_code", remedy: "Give the code of one of the organisation's clinics.") { text in
            places.includes(text) ? text : nil
        }
    }

    fileprivate mutating func day(_ column: String) -> LocalDate? {
        read(column, remedy: Self.dayRemedy) { LocalDate($0) }
    }

    fileprivate mutating func euros(_ column: String) -> Money? {
        read(column, remedy: "Give an amount above zero with up to two decimals, such as 42,00.") { text in
            DecimalText.scaled(text, decimals: 2).flatMap { (1...99_999_999_999).contains($0) ? Money($0, .eur) : nil }
        }
    }

    fileprivate mutating func optionalText(_ column: String) -> String? { isEmpty(column) ? nil : text(column) }

    fileprivate mutating func optional<Value>(
        _ column: String, remedy: Sentence, _ convert: (String) -> Value?
    ) -> Value? {
        isEmpty(column) ? nil : read(column, remedy: remedy, convert)
    }

    /// As a request is read, but for blanks, which people write in it.
    fileprivate mutating func vatNumber(_ column: String) -> String? {
        let number = optional(column, remedy: "Give a VAT number such as FR44732829320.") { text in
            let plain = text.filter { !$0.isWhitespace }
            return VATNumber.isPlain(plain) ? plain : nil
        }
        guard let number, !FrenchVATNumber.holds(number) else { return number }
        refuse(
            column, reason: "Its key, the two characters after FR, does not fit the nine digits behind it.",
            remedy: "Look for a mistyped digit.")
        return nil
    }

    fileprivate mutating func phone(at clinic: String?, of places: ImportPlaces) -> Phone? {
        optional("client_phone", remedy: "Give it as it is dialled at the clinic, or as +33612345678.") { text in
            places.phone(text, at: clinic ?? "")
        }
    }

    fileprivate mutating func whose(at clinic: String?, of places: ImportPlaces) -> ImportedWhose? {
        let whose = ImportedWhose(reference: optionalText("client_ref"), phone: phone(at: clinic, of: places))
        guard whose.reference != nil || whose.phone != nil else {
            refuse(
                "client_ref", reason: "Neither a reference nor a phone says whose it is.",
                remedy: "Give one of the two.")
            return nil
        }
        return whose
    }
}
