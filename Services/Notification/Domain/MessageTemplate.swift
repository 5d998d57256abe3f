/// A value that a template can name, as `{{amount}}`.
package enum TemplateField: String, Hashable, Sendable, CaseIterable {
    case firstName, lastName, clinic, amount, link, day, code
    /// Of an invoice or a credit note.
    case number
    /// Of dunning, from 1.
    case level
    /// What is said at that level, in the organisation's words or ours; it says what is due and of what.
    case levelText
}

/// What stands in the fields of one message.
package struct TemplateValues: Sendable {
    package var fields: [TemplateField: String]
    /// One row for each instalment, between `{{#schedule}}` and `{{/schedule}}`.
    package var schedule: [[TemplateField: String]]

    package init(_ fields: [TemplateField: String], schedule: [[TemplateField: String]] = []) {
        self.fields = fields
        self.schedule = schedule
    }
}

/// The words of a message with fields in them (NOT-2).
///
/// Values are put in as they are and never read as a template again, whatever a client is called.
package struct MessageTemplate: Sendable {
    enum Piece: Hashable, Sendable {
        case text(String)
        case field(TemplateField)
        case schedule([Piece])
    }

    /// What is wrong with a template, and where; both are counted from one.
    package struct Fault: Error, Hashable, Sendable {
        package enum Kind: Hashable, Sendable {
            case unknownField(String)
            /// Two braces were opened and not closed on their line.
            case notClosed
            /// `{{#schedule}}` without its end, or an end without its beginning.
            case unpaired(String)
            /// The message would be pointless without it.
            case missing(TemplateField)
        }

        package let kind: Kind
        package let line: Int
        package let column: Int

        package init(kind: Kind, line: Int, column: Int) {
            self.kind = kind
            self.line = line
            self.column = column
        }
    }

    let pieces: [Piece]

    /// Reads a template of an occasion, which decides what it may name, and what it must unless it is a subject.
    package init(_ text: String, of occasion: Occasion, asSubject: Bool = false) throws(Fault) {
        var reader = TemplateReader(text, of: occasion)
        pieces = try reader.read()
        for field in asSubject ? [] : occasion.demandedFields where reader.named.isDisjoint(with: field.saidBy) {
            throw Fault(kind: .missing(field), line: 1, column: 1)
        }
    }

    /// Whether it has a place for a value, outside of the schedule.
    package func names(_ field: TemplateField) -> Bool { pieces.contains(.field(field)) }

    /// Whether what it says depends on whom it is for.
    var namesFields: Bool { pieces.contains { if case .text = $0 { false } else { true } } }

    package func render(_ values: TemplateValues) -> String { render(pieces, values.fields, values.schedule) }

    private func render(
        _ pieces: [Piece], _ fields: [TemplateField: String], _ schedule: [[TemplateField: String]]
    ) -> String {
        pieces.map { piece in
            switch piece {
            case .text(let text): text
            case .field(let field): fields[field] ?? ""
            case .schedule(let inner):
                schedule.map { row in render(inner, fields.merging(row) { $1 }, []) }.joined()
            }
        }.joined()
    }
}

extension TemplateField {
    /// The fields each of which says what this one does.
    fileprivate var saidBy: Set<TemplateField> { self == .amount ? [.amount, .levelText] : [self] }
}

extension Occasion {
    /// What a template of this occasion may name.
    package var fields: [TemplateField] {
        switch self {
        case .paymentLink, .paymentReminder: [.firstName, .lastName, .clinic, .amount, .link]
        case .debitNotice: [.firstName, .lastName, .clinic, .amount, .day]
        case .verificationCode: [.firstName, .lastName, .clinic, .amount, .code]
        case .invoice, .invoiceLink, .depositRequest: [.firstName, .lastName, .clinic, .amount, .day, .number]
        case .creditNote: [.firstName, .lastName, .clinic, .amount, .number]
        case .overdue: [.firstName, .lastName, .clinic, .amount, .day, .number, .level, .levelText]
        case .paymentAccepted, .paymentRefused, .paymentCancelled, .refund, .receipt:
            [.firstName, .lastName, .clinic, .amount]
        case .campaign: [.firstName, .lastName]
        }
    }

    /// Whether the instalments can be listed.
    package var hasSchedule: Bool { self == .paymentAccepted }

    /// What a row of the schedule may name besides.
    package static let scheduleFields: [TemplateField] = [.day, .amount]

    /// What a template of this occasion must name.
    package var demandedFields: [TemplateField] {
        switch self {
        case .paymentLink, .paymentReminder: [.link]
        case .debitNotice: [.amount, .day]
        case .verificationCode: [.code]
        case .invoiceLink, .depositRequest, .overdue: [.amount]
        case .invoice, .creditNote: [.number]
        case .receipt: [.amount]
        case .paymentAccepted, .paymentRefused, .paymentCancelled, .refund, .campaign: []
        }
    }
}
