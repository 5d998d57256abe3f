import InvoicingDomain
import PaymentModel
import Testing

/// INV-1: what a file of clients tells, checked as a request is.
@Suite struct `A client of a file` {
    private func read(_ told: [String: String]) -> ImportedRow<ImportedPerson> {
        let standard = [
            "client_ref": "C1", "clinic_code": "LILAS", "client_last_name": "Martin", "client_language": "fr",
            "client_country": "FR",
        ]
        let cells = ImportKind.clients.fields.map { told[$0.name] ?? standard[$0.name] ?? "" }
        return ImportedPerson.read(
            SeparatedValues.Record(line: 2, fields: cells), at: ImportPlaces(["LILAS"]) { _, _ in nil })
    }

    @Test(arguments: [
        ("FR44732829320", "FR44732829320"), ("FR 44 732 829 320", "FR44732829320"), ("BE0403019261", "BE0403019261"),
    ])
    func `INV-1: a VAT number whose key fits is taken, and the blanks people write in it are left out`(
        written: String, kept: String
    ) {
        let row = read(["vat_number": written])
        #expect(row.problems.isEmpty && row.value?.vatNumber == kept)
    }

    @Test(arguments: ["FR45732829320", "FR44732829321", "732829320", "FR4473282932", "fr44732829320", "FR"])
    func `INV-1: one that is mistyped refuses the row, as a request is refused`(written: String) {
        let row = read(["vat_number": written])
        #expect(row.value == nil && row.problems.map(\.column) == ["vat_number"])
    }

    @Test func `INV-1: a SIREN whose last digit does not fit refuses the row`() {
        #expect(read(["siren": "732829320"]).value?.siren == "732829320")
        #expect(read(["siren": "123456789"]).problems.map(\.column) == ["siren"])
    }
}
