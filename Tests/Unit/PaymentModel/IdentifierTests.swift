import FoundationEssentials
import PaymentModel
import Testing

@Suite struct IdentifierTests {
    @Test func `round trips through its canonical text`() {
        holds { generator in
            let id = InvoiceID(UInt128(generator.next()) << 64 | UInt128(generator.next()))
            let peer = try #require(UUID(uuidString: id.description))
            return InvoiceID(id.description) == id && InvoiceID(id.description.uppercased()) == id
                && peer.uuidString.lowercased() == id.description
        }
    }

    @Test(arguments: [
        "", "0192f0c1-0000-7000-8000-00000000000", "0192f0c1-0000-7000-8000-0000000000011",
        "0192f0c1000070008000000000000001", "0192f0c1-0000-7000-8000-00000000000g",
        "{192f0c1-0000-7000-8000-000000000001}",
        "0192f0c10-000-7000-8000-000000000001", "0192f0c1-0000-7000-8000-00000000000é",
    ])
    func `is not read from anything else`(text: String) {
        #expect(PaymentID(text) == nil)
    }

    @Test func `is its text in JSON`() throws {
        let json = Data(#"["0192f0c1-0000-7000-8000-000000000001"]"#.utf8)
        let ids = try JSONDecoder().decode([ClientID].self, from: json)
        #expect(ids.map(\.description) == ["0192f0c1-0000-7000-8000-000000000001"])
        #expect(try JSONEncoder().encode(ids) == json)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([ClientID].self, from: Data(#"["1"]"#.utf8)) }
    }

    @Test func `comes from a fixed source in the same rising order, as UUIDv7`() {
        let (one, other) = (IdentifierSource.fixed(7), IdentifierSource.fixed(7))
        let ids: [MessageID] = (0..<100).map { _ in one.make() }
        #expect(ids == (0..<100).map { _ in other.make() })
        #expect(ids == ids.sorted())
        #expect(Set(ids).count == 100)
        #expect(ids.allSatisfy { $0.value >> 76 & 0xF == 7 && $0.value >> 62 & 0b11 == 0b10 })
        let unlike: MessageID = IdentifierSource.fixed(8).make()
        #expect(ids.first != unlike)
    }
}
