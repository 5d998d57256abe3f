/// The published schema of grids as XML.
enum GridSchema {
    static let namespace = "https://quittance.example/schemas/grid.v1"

    static let text = """
        <?xml version="1.0" encoding="UTF-8"?>
        <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="\(namespace)" targetNamespace="\(namespace)"
            elementFormDefault="qualified">
          <xs:element name="grid">
            <xs:complexType>
              <xs:sequence>
                <xs:element name="row" minOccurs="0" maxOccurs="unbounded">
                  <xs:complexType>
                    <xs:choice minOccurs="0" maxOccurs="unbounded">
                      <xs:element name="text"><xs:complexType><xs:simpleContent>
                        <xs:extension base="xs:string"><xs:attribute name="column" type="xs:NMTOKEN" use="required"/></xs:extension>
                      </xs:simpleContent></xs:complexType></xs:element>
                      <xs:element name="number"><xs:complexType><xs:simpleContent>
                        <xs:extension base="xs:integer"><xs:attribute name="column" type="xs:NMTOKEN" use="required"/></xs:extension>
                      </xs:simpleContent></xs:complexType></xs:element>
                      <xs:element name="amount"><xs:complexType><xs:simpleContent>
                        <xs:extension base="xs:decimal">
                          <xs:attribute name="column" type="xs:NMTOKEN" use="required"/>
                          <xs:attribute name="currency" use="required"><xs:simpleType>
                            <xs:restriction base="xs:string"><xs:pattern value="[A-Z]{3}"/></xs:restriction>
                          </xs:simpleType></xs:attribute>
                        </xs:extension>
                      </xs:simpleContent></xs:complexType></xs:element>
                      <xs:element name="day"><xs:complexType><xs:simpleContent>
                        <xs:extension base="xs:date"><xs:attribute name="column" type="xs:NMTOKEN" use="required"/></xs:extension>
                      </xs:simpleContent></xs:complexType></xs:element>
                    </xs:choice>
                  </xs:complexType>
                </xs:element>
              </xs:sequence>
              <xs:attribute name="name" type="xs:NMTOKEN" use="required"/>
            </xs:complexType>
          </xs:element>
        </xs:schema>

        """
}
