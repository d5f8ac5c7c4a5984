/*
 * A machine of two processors and a device with memory of its own, in the form of iasl -d.
 * Format: [HexOffset DecimalOffset ByteLength]  FieldName : FieldValue (in hex)
 */
[000h 0000 004h]                   Signature : "SRAT"    [System Resource Affinity Table]
[004h 0004 004h]                Table Length : 00000000
[008h 0008 001h]                    Revision : 03
[009h 0009 001h]                    Checksum : 00
[00Ah 0010 006h]                      Oem ID : "MINI  "
[010h 0016 008h]                Oem Table ID : "EXAMPLE "
[018h 0024 004h]                Oem Revision : 00000001
[01Ch 0028 004h]             Asl Compiler ID : "HAND"
[020h 0032 004h]       Asl Compiler Revision : 00000001

[024h 0036 004h]              Table Revision : 00000001
[028h 0040 008h]                    Reserved : 0000000000000000

[030h 0048 001h]               Subtable Type : 00 [Processor Local APIC/SAPIC Affinity]
[031h 0049 001h]                      Length : 10

[032h 0050 001h]     Proximity Domain Low(8) : 00
[033h 0051 001h]                     Apic ID : 00
[034h 0052 004h]       Flags (decoded below) : 00000001
                                     Enabled : 1
[038h 0056 001h]             Local Sapic EID : 00
[039h 0057 003h]   Proximity Domain High(24) : 000000
[03Ch 0060 004h]                Clock Domain : 00000000

[030h 0048 001h]               Subtable Type : 00 [Processor Local APIC/SAPIC Affinity]
[031h 0049 001h]                      Length : 10

[032h 0050 001h]     Proximity Domain Low(8) : 00
[033h 0051 001h]                     Apic ID : 01
[034h 0052 004h]       Flags (decoded below) : 00000001
                                     Enabled : 1
[038h 0056 001h]             Local Sapic EID : 00
[039h 0057 003h]   Proximity Domain High(24) : 000000
[03Ch 0060 004h]                Clock Domain : 00000000

[030h 0048 001h]               Subtable Type : 00 [Processor Local APIC/SAPIC Affinity]
[031h 0049 001h]                      Length : 10

[032h 0050 001h]     Proximity Domain Low(8) : 01
[033h 0051 001h]                     Apic ID : 04
[034h 0052 004h]       Flags (decoded below) : 00000001
                                     Enabled : 1
[038h 0056 001h]             Local Sapic EID : 00
[039h 0057 003h]   Proximity Domain High(24) : 000000
[03Ch 0060 004h]                Clock Domain : 00000000

[030h 0048 001h]               Subtable Type : 00 [Processor Local APIC/SAPIC Affinity]
[031h 0049 001h]                      Length : 10

[032h 0050 001h]     Proximity Domain Low(8) : 01
[033h 0051 001h]                     Apic ID : 05
[034h 0052 004h]       Flags (decoded below) : 00000001
                                     Enabled : 1
[038h 0056 001h]             Local Sapic EID : 00
[039h 0057 003h]   Proximity Domain High(24) : 000000
[03Ch 0060 004h]                Clock Domain : 00000000

                               Subtable Type : 01 [Memory Affinity]
                                      Length : 28
                            Proximity Domain : 00000000
                                   Reserved1 : 0000
                                Base Address : 0000000000000000 /* 0 */
                              Address Length : 0000000080000000 // written by hand
                                   Reserved2 : 00000000
                       Flags (decoded below) : 00000001
                                     Enabled : 1
                               Hot Pluggable : 0
                                Non-Volatile : 0
                                   Reserved3 : 0000000000000000

                               Subtable Type : 01 [Memory Affinity]
                                      Length : 28
                            Proximity Domain : 00000000
                                   Reserved1 : 0000
                                Base Address : 0000000100000000 /* 4 GiB */
                              Address Length : 0000000380000000 // written by hand
                                   Reserved2 : 00000000
                       Flags (decoded below) : 00000001
                                     Enabled : 1
                               Hot Pluggable : 0
                                Non-Volatile : 0
                                   Reserved3 : 0000000000000000

                               Subtable Type : 01 [Memory Affinity]
                                      Length : 28
                            Proximity Domain : 00000001
                                   Reserved1 : 0000
                                Base Address : 0000000480000000 /* 18 GiB */
                              Address Length : 0000000400000000 // written by hand
                                   Reserved2 : 00000000
                       Flags (decoded below) : 00000001
                                     Enabled : 1
                               Hot Pluggable : 0
                                Non-Volatile : 0
                                   Reserved3 : 0000000000000000

                               Subtable Type : 01 [Memory Affinity]
                                      Length : 28
                            Proximity Domain : 00000002
                                   Reserved1 : 0000
                                Base Address : 0000001000000000 /* 64 GiB */
                              Address Length : 0000000800000000 // written by hand
                                   Reserved2 : 00000000
                       Flags (decoded below) : 00000001
                                     Enabled : 1
                               Hot Pluggable : 0
                                Non-Volatile : 0
                                   Reserved3 : 0000000000000000

[0A0h 0160 001h]               Subtable Type : 05 [Generic Initiator Affinity]
[0A1h 0161 001h]                      Length : 20

[0A2h 0162 001h]                   Reserved1 : 00
[0A3h 0163 001h]          Device Handle Type : 01
[0A4h 0164 004h]            Proximity Domain : 00000002
[0A8h 0168 010h]               Device Handle : 00 00 41 00 00 00 00 00 00 00 00 00 00 00 00 00
[0B8h 0184 004h]       Flags (decoded below) : 00000001
                                     Enabled : 1
                 Architectural Transactions : 0
[0BCh 0188 004h]                   Reserved2 : 00000000

[000h 0000 004h]                   Signature : "HMAT"    [Heterogeneous Memory Attributes Table]
[004h 0004 004h]                Table Length : 00000000
[008h 0008 001h]                    Revision : 02
[009h 0009 001h]                    Checksum : 00
[00Ah 0010 006h]                      Oem ID : "MINI  "
[010h 0016 008h]                Oem Table ID : "EXAMPLE "
[018h 0024 004h]                Oem Revision : 00000001
[01Ch 0028 004h]             Asl Compiler ID : "HAND"
[020h 0032 004h]       Asl Compiler Revision : 00000001

[024h 0036 004h]                    Reserved : 00000000

[028h 0040 002h]              Structure Type : 0000 [Memory Proximity Domain Attributes]
[02Ah 0042 002h]                    Reserved : 0000
[02Ch 0044 004h]                      Length : 00000028
[030h 0048 002h]       Flags (decoded below) : 0001
            Processor Proximity Domain Valid : 1
[032h 0050 002h]                   Reserved1 : 0000
[034h 0052 004h] Attached Initiator Proximity Domain : 00000000
[038h 0056 004h]     Memory Proximity Domain : 00000000

[028h 0040 002h]              Structure Type : 0000 [Memory Proximity Domain Attributes]
[02Ah 0042 002h]                    Reserved : 0000
[02Ch 0044 004h]                      Length : 00000028
[030h 0048 002h]       Flags (decoded below) : 0001
            Processor Proximity Domain Valid : 1
[032h 0050 002h]                   Reserved1 : 0000
[034h 0052 004h] Attached Initiator Proximity Domain : 00000001
[038h 0056 004h]     Memory Proximity Domain : 00000001

[028h 0040 002h]              Structure Type : 0000 [Memory Proximity Domain Attributes]
[02Ah 0042 002h]                    Reserved : 0000
[02Ch 0044 004h]                      Length : 00000028
[030h 0048 002h]       Flags (decoded below) : 0001
            Processor Proximity Domain Valid : 1
[032h 0050 002h]                   Reserved1 : 0000
[034h 0052 004h] Attached Initiator Proximity Domain : 00000002
[038h 0056 004h]     Memory Proximity Domain : 00000002

[050h 0080 002h]              Structure Type : 0001 [System Locality Latency and Bandwidth Information]
[052h 0082 002h]                    Reserved : 0000
[054h 0084 004h]                      Length : 00000000
[058h 0088 001h]       Flags (decoded below) : 00
                            Memory Hierarchy : 0
                   Use Minimum Transfer Size : 0
                    Non-sequential Transfers : 0
[059h 0089 001h]                   Data Type : 00
[05Ah 0090 001h]       Minimum Transfer Size : 00
[05Bh 0091 001h]                   Reserved1 : 00
[05Ch 0092 004h] Initiator Proximity Domains # : 00000003
[060h 0096 004h]  Target Proximity Domains # : 00000003
[064h 0100 004h]                   Reserved2 : 00000000
[068h 0104 008h]             Entry Base Unit : 00000000000003E8
[070h 0112 004h] Initiator Proximity Domain List : 00000000
[070h 0112 004h] Initiator Proximity Domain List : 00000001
[070h 0112 004h] Initiator Proximity Domain List : 00000002
[07Ch 0124 004h] Target Proximity Domain List : 00000000
[07Ch 0124 004h] Target Proximity Domain List : 00000001
[07Ch 0124 004h] Target Proximity Domain List : 00000002
[088h 0136 002h]                       Entry : 005A
[088h 0136 002h]                       Entry : 008C
[088h 0136 002h]                       Entry : 01F4
[088h 0136 002h]                       Entry : 008C
[088h 0136 002h]                       Entry : 005A
[088h 0136 002h]                       Entry : 0280
[088h 0136 002h]                       Entry : 01FE
[088h 0136 002h]                       Entry : 028A
[088h 0136 002h]                       Entry : 0078

[050h 0080 002h]              Structure Type : 0001 [System Locality Latency and Bandwidth Information]
[052h 0082 002h]                    Reserved : 0000
[054h 0084 004h]                      Length : 00000000
[058h 0088 001h]       Flags (decoded below) : 00
                            Memory Hierarchy : 0
                   Use Minimum Transfer Size : 0
                    Non-sequential Transfers : 0
[059h 0089 001h]                   Data Type : 03
[05Ah 0090 001h]       Minimum Transfer Size : 00
[05Bh 0091 001h]                   Reserved1 : 00
[05Ch 0092 004h] Initiator Proximity Domains # : 00000003
[060h 0096 004h]  Target Proximity Domains # : 00000003
[064h 0100 004h]                   Reserved2 : 00000000
[068h 0104 008h]             Entry Base Unit : 00000000000003E8
[070h 0112 004h] Initiator Proximity Domain List : 00000000
[070h 0112 004h] Initiator Proximity Domain List : 00000001
[070h 0112 004h] Initiator Proximity Domain List : 00000002
[07Ch 0124 004h] Target Proximity Domain List : 00000000
[07Ch 0124 004h] Target Proximity Domain List : 00000001
[07Ch 0124 004h] Target Proximity Domain List : 00000002
[088h 0136 002h]                       Entry : 00C8
[088h 0136 002h]                       Entry : 0064
[088h 0136 002h]                       Entry : 0032
[088h 0136 002h]                       Entry : 0064
[088h 0136 002h]                       Entry : 00C8
[088h 0136 002h]                       Entry : 0028
[088h 0136 002h]                       Entry : 0032
[088h 0136 002h]                       Entry : 0028
[088h 0136 002h]                       Entry : 0384
