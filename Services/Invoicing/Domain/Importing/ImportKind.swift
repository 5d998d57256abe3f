/// What a file of practice-management software brings.
package enum ImportKind: String, CaseIterable, Codable, Sendable {
    /// Who is billed.
    case clients
    /// What is to be billed by us, a row for each line.
    case invoices
    /// What is still owed for documents that the other software issued; each becomes a receivable.
    case openItems = "open-items"
    /// What was paid already.
    case payments

    /// What a row can say, in the order rows are handed on.
    package var fields: [ImportField] {
        switch self {
        case .clients: Self.ofClients
        case .invoices: Self.ofInvoices
        case .openItems: Self.ofOpenItems
        case .payments: Self.ofPayments
        }
    }

    /// The name of the field whose value names what the row is about; rows with the same one belong together.
    package var reference: String { fields[0].name }

    /// The name of the field whose day rules the order in which rows are taken in.
    package var day: String? {
        switch self {
        case .clients: nil
        case .invoices, .openItems: "issued_on"
        case .payments: "received_on"
        }
    }

    private static let ofClients = [
        ImportField("client_ref"), ImportField("clinic_code"), ImportField("client_last_name"),
        ImportField("client_first_name", else: ""), ImportField("client_phone", else: ""),
        ImportField("client_email", else: ""), ImportField("client_language", else: "fr"),
        ImportField("client_town", else: ""), ImportField("client_country", else: "FR"),
        ImportField("company", else: ""), ImportField("siren", else: ""), ImportField("vat_number", else: ""),
        ImportField("street", else: ""), ImportField("postcode", else: ""),
    ]

    private static let ofInvoices = PracticeExport.allColumns.map { name in
        switch name {
        case "issued_on", "due_on": ImportField(name, .day)
        case "quantity": ImportField(name, .number, else: "1")
        case "unit_price_excluding_vat", "vat_rate": ImportField(name, .number)
        case "client_language": ImportField(name, else: "fr")
        case "nature", "practitioner", "exemption", "unit": ImportField(name, else: "")
        default: ImportField(name)
        }
    }

    private static let ofOpenItems = [
        ImportField("item_ref"), ImportField("clinic_code"), ImportField("client_ref", else: ""),
        ImportField("client_phone", else: ""), ImportField("issued_on", .day), ImportField("due_on", .day, else: ""),
        ImportField("label", else: ""), ImportField("amount_due", .number),
    ]

    private static let ofPayments = [
        ImportField("payment_ref"), ImportField("clinic_code"), ImportField("client_ref", else: ""),
        ImportField("client_phone", else: ""), ImportField("received_on", .day), ImportField("amount", .number),
        ImportField("method"), ImportField("pays_ref", else: ""),
    ]
}

/// One thing a row can say.
package struct ImportField: Hashable, Sendable {
    /// How its text is read before its own rule looks at it.
    package enum Form: Hashable, Sendable { case text, number, day }

    package let name: String
    package let form: Form
    /// What it is where neither the file nor the mapping says it; nil: one of them must.
    package let standard: String?

    init(_ name: String, _ form: Form = .text, else standard: String? = nil) {
        self.name = name
        self.form = form
        self.standard = standard
    }
}
