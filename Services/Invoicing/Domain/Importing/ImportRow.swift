import PaymentModel

/// One row of a practice-management export while it is read; it collects everything that is wrong with it.
struct ImportRow {
    let record: SeparatedValues.Record
    private let columns: [String]
    private(set) var problems: [RowProblem] = []

    init(_ record: SeparatedValues.Record, columns: [String]) {
        self.record = record
        self.columns = columns
    }

    var reference: String { record.fields.first ?? "" }

    mutating func refuse(_ column: String, reason: Sentence, remedy: Sentence) {
        problems.append(RowProblem(line: record.line, column: column, reason: reason, remedy: remedy))
    }

    /// Nil when anything is wrong.
    mutating func invoice(at places: ImportPlaces) -> ImportedInvoice? {
        guard record.fields.count == columns.count else {
            refuse(
                "", reason: "It has \(record.fields.count) columns, not \(columns.count).",
                remedy: "Look for a missing or a superfluous separator.")
            return nil
        }
        let reference = text("invoice_ref")
        let clinic = read("clinic_code", remedy: "Give the code of one of the organisation's clinics.") { text in
            places.includes(text) ? text : nil
        }
        let issuedOn = read("issued_on", remedy: "Give a day such as 2026-11-20.", LocalDate.init)
        let dueOn = read("due_on", remedy: "Give a day such as 2026-11-20.", LocalDate.init)
        let client = client { places.phone($0, at: clinic ?? "") }
        let line = line()
        guard let reference, let clinic, let issuedOn, let dueOn, let client, let line else { return nil }
        return ImportedInvoice(
            reference: reference, clinicCode: clinic, issuedOn: issuedOn, dueOn: dueOn, client: client, lines: [line],
            fileLines: [record.line])
    }

    private mutating func client(_ readPhone: (String) -> Phone?) -> ImportedClient? {
        let reference = text("client_ref")
        let lastName = text("client_last_name")
        let firstName = text("client_first_name")
        let phone = read(
            "client_phone", remedy: "Give it as it is dialled at the clinic, or as +33612345678.", readPhone)
        let email = read("client_email", remedy: "Give an e-mail address.") { EmailAddress($0) }
        let language = read("client_language", remedy: "Give fr or en.") { Language(rawValue: $0) }
        let town = text("client_town")
        guard let reference, let lastName, let firstName, let phone, let email, let language, let town else {
            return nil
        }
        return ImportedClient(
            reference: reference, lastName: lastName, firstName: firstName, phone: phone, email: email,
            language: language, town: town)
    }

    private mutating func line() -> InvoiceLine? {
        let label = text("line_label")
        let quantity = read("quantity", remedy: "Give a number with up to three decimals, such as 1 or 0,5.") { text in
            DecimalText.scaled(text, decimals: 3).flatMap { Quantity(thousandths: $0) }
        }
        let price = read(
            "unit_price_excluding_vat", remedy: "Give an amount with up to four decimals, such as 42,00."
        ) { text in
            DecimalText.scaled(text, decimals: 4).flatMap { UnitPrice(tenThousandths: $0) }
        }
        let rate = read("vat_rate", remedy: "Give a percentage such as 20,00.") { text in
            DecimalText.scaled(text, decimals: 2).flatMap { (0...10_000).contains($0) ? BasisPoints(Int($0)) : nil }
        }
        let nature =
            isEmpty("nature")
            ? nil
            : read(
                "nature", remedy: "Give goods, services or both, or leave it empty for what the seller sells.",
                Self.nature)
        let practitioner = isEmpty("practitioner") ? nil : text("practitioner")
        let exemption = isEmpty("exemption") ? nil : text("exemption")
        if exemption != nil, let rate, rate.value > 0 {
            refuse(
                "exemption", reason: "The line bears VAT.", remedy: "Leave it empty, or give 0 as the rate.")
        }
        let unit =
            isEmpty("unit")
            ? nil : read("unit", remedy: "Give piece, hour, kg, g, ml or l, or leave it empty.", Self.unit)
        guard let label, let quantity, let price, let rate else { return nil }
        return InvoiceLine(
            label: label, quantity: quantity, unit: unit, unitPrice: price, vatRate: rate, nature: nature,
            practitioner: practitioner, exemption: exemption)
    }

    /// In English or French, as practices write it.
    private static func unit(_ text: String) -> BilledUnit? {
        switch text.lowercased().filter({ !$0.isWhitespace && $0 != "." }) {
        case "piece", "pieces", "pc", "pcs", "pièce", "pièces", "pce", "unité", "unités", "unit", "units", "u": .piece
        case "hour", "hours", "h", "heure", "heures": .hour
        case "kg", "kilo", "kilos", "kilogramme", "kilogrammes": .kilogram
        case "g", "gramme", "grammes", "gram", "grams": .gram
        case "ml", "millilitre", "millilitres": .millilitre
        case "l", "litre", "litres": .litre
        default: nil
        }
    }

    /// In English or French, as practices write it.
    private static func nature(_ text: String) -> Seller.Operations? {
        switch text.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ") {
        case "goods", "good", "product", "products", "bien", "biens", "livraison de biens", "livraisons de biens",
            "produit", "produits", "marchandise", "marchandises":
            .goods
        case "services", "service", "prestation", "prestations", "prestation de services", "prestations de services",
            "prestation de service", "acte", "actes":
            .services
        case "both", "mixed", "goods and services", "mixte", "mixtes", "biens et services", "les deux": .both
        default: nil
        }
    }

    func isEmpty(_ column: String) -> Bool {
        columns.firstIndex(of: column).map { record.fields[$0].allSatisfy(\.isWhitespace) } ?? true
    }

    mutating func text(_ column: String) -> String? {
        if let index = columns.firstIndex(of: column), !record.fields[index].unicodeScalars.allSatisfy(\.isOfLine) {
            refuse(
                column, reason: "It contains a line break or another control character.",
                remedy: "Write it on one line; where a quotation mark is too much, take it out.")
            return nil
        }
        return read(column, remedy: "Give 1 to 200 characters.") { text in
            // No index holds one that is much longer.
            (1...200).contains(text.count) && text.utf8.count <= 800 ? text : nil
        }
    }

    mutating func read<Value>(_ column: String, remedy: Sentence, _ convert: (String) -> Value?) -> Value? {
        guard let index = columns.firstIndex(of: column) else { return nil }
        let text = record.fields[index]
        if let value = convert(text) { return value }
        // What it says is in the file, and may tell of somebody; reports are kept.
        refuse(
            column, reason: text.isEmpty ? "It is empty." : "It is not in the form it should have.", remedy: remedy)
        return nil
    }
}
